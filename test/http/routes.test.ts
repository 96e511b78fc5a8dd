/** Every route, by the example that the API description shows for it; every answer held against its schema. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import t from 'tap';
import { parse } from 'yaml';
import { examples } from '../../examples/requests.ts';
import { formats } from '../../src/schemas/formats.ts';
import { multipart, sendFile } from './multipart.ts';
import { ADMIN, addPerson, call, roubles, serve } from './service.ts';

type Example = { params?: Record<string, string>; query?: Record<string, unknown>; body?: unknown };
type Operation = {
  operationId: string;
  parameters?: { name: string }[];
  requestBody?: { required?: boolean; content: Record<string, { schema: object }> };
  responses: Record<
    string,
    { headers?: Record<string, object>; content?: Record<string, { schema: object }> }
  >;
};
type Description = { paths: Record<string, Record<string, Operation>>; components: object };

const service = await serve(t);
const admin = service.as(ADMIN);
const shared = await prepare();
const description = service.server.swagger() as unknown as Description;
const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    path,
    method: method.toUpperCase(),
    ...operation,
  })),
);
const ajv = new Ajv({ strict: false, allErrors: true, formats: { ...formats, uri: true } });
ajv.addSchema({ $id: 'api', ...description });

/** What is wrong with a body by the schema that the description has for it. */
function wrongIn(schema: object, body: unknown) {
  const local = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/'));
  const validate = ajv.compile(local);
  return validate(body) ? null : validate.errors;
}

t.test('the committed description is current', async (t) => {
  const text = readFileSync(new URL('../../openapi.yaml', import.meta.url), 'utf8');
  for (const version of ['1.2', '1.1'] as const) {
    const committed = parse(text, { version });
    t.same(committed, JSON.parse(JSON.stringify(description)), 'run node scripts/generate-openapi.ts');
  }
});

t.test(
  'every operation has a name, a summary, a tag and an example, and no example is left over',
  async (t) => {
    const ids = operations.map(({ operationId }) => operationId).sort();
    t.same(Object.keys(examples).sort(), ids);
  },
);

/** The things that the examples' ids stand for. */
async function prepare(operationId = '') {
  const person = await addPerson(service, 'Anna');
  const records = `/v1/lines/${person.line}/records`;
  await admin('POST', records, {
    items: [call('2026-01-01'), { type: 'balance', at: '2026-01-01', amount: roubles('300') }],
  });
  const key = await admin('POST', `/v1/users/${person.id}/keys`, { scope: 'read', name: 'x' });
  const paid = { paid_at: '2026-03-10', amount: roubles('300'), channel: 'app' };
  const payment = (await admin('POST', `/v1/lines/${person.line}/payments`, paid)).json().id;
  if (operationId === 'reopenPayment')
    await admin('POST', `/v1/payments/${payment}/fail`, { reason: 'It seemed so' });
  const proof = (await sendFile(admin, payment, { bytes: 'a receipt' })).json().id;
  return { user: person.id, line: person.line, key: key.json().id, feed: person.feed, payment, proof };
}

/** Headers that are described where an answer has them, and nowhere else. */
const TOLD = ['Location', 'ETag', 'Content-Language', 'Content-Disposition'];

const INSTEAD = ['user', 'line', 'key', 'feed', 'payment', 'proof'] as const;

for (const { path, method, operationId, responses, parameters: parameters_ = [] } of operations) {
  t.test(`${method} ${path}`, async (t) => {
    const example = (examples as Record<string, Example>)[operationId] as Example;
    const isStep = method === 'DELETE' || /\{payment\}\/[a-z]+$/.test(path);
    const real = isStep ? await prepare(operationId) : shared;
    const parameters = { ...example.params };
    for (const name of INSTEAD) if (name in parameters) parameters[name] = real[name];
    const address = path.replace(/\{(\w+)\}/g, (_, name: string) => parameters[name] as string);
    const query = new URLSearchParams(
      Object.entries(example.query ?? {}).map(([k, v]): [string, string] => [k, String(v)]),
    );
    const rows = Array.isArray(example.body) ? example.body : null;
    const sent = operationId === 'addProof' ? multipart({ bytes: 'another receipt' }) : null;
    const answer = await admin(
      method,
      query.size ? `${address}?${query}` : address,
      sent?.body ?? (rows ? rows.map((row) => JSON.stringify(row)).join('\n') : example.body),
      sent?.headers ??
        (operationId === 'importSheet' ? { 'content-type': 'text/csv' } : null) ??
        (rows ? { 'content-type': 'application/x-ndjson' } : {}),
    );
    t.match(String(answer.statusCode), method === 'DELETE' ? '204' : /^20[01]$/, answer.body.slice(0, 300));
    const said = responses[answer.statusCode];
    t.ok(said, 'the status is described');
    if (method === 'GET') {
      const tag = answer.headers.etag as string | undefined;
      const asks = parameters_.some(({ name }) => name === 'If-None-Match');
      const states = [asks, '304' in responses, said?.headers?.ETag !== undefined];
      t.same(states, Array(3).fill(tag !== undefined), 'an ETag comes where it is described');
      if (tag)
        t.equal(
          (
            await admin('GET', query.size ? `${address}?${query}` : address, undefined, {
              'if-none-match': tag,
            })
          ).statusCode,
          304,
        );
    }
    t.same(
      TOLD.filter((name) => said?.headers?.[name]),
      TOLD.filter((name) => answer.headers[name.toLowerCase()] !== undefined),
      'its headers are described',
    );
    t.equal(said?.headers?.['Idempotent-Replayed'] !== undefined, method === 'POST');
    t.notOk(responses['304']?.content, 'what is unchanged has no body');
    const type = String(answer.headers['content-type'] ?? '').split(';')[0] as string;
    const schema = said?.content?.[type]?.schema;
    if (answer.statusCode === 204) return t.equal(answer.body, '');
    t.ok(schema, `${type} is described`);
    if (operationId === 'getDossier') return t.match(answer.body, /^PK/);
    if (operationId === 'downloadProof') return t.equal(answer.body, 'a receipt');
    const bodies =
      type === 'application/x-ndjson'
        ? answer.body
            .trim()
            .split('\n')
            .map((row) => JSON.parse(row))
        : [answer.json()];
    for (const body of bodies) t.equal(wrongIn(schema as object, body), null, 'it is as described');
    if (type === 'application/json' && 'id' in bodies[0])
      t.equal(Object.keys(bodies[0])[0], 'id', '`id` stands first');
  });
}

t.test('a list in which there is something is as described', async (t) => {
  const real = shared;
  for (const url of [
    '/v1/users',
    `/v1/users/${real.user}/keys`,
    `/v1/lines/${real.line}/records`,
    `/v1/lines/${real.line}/payments`,
    '/v1/deadlines',
  ]) {
    const answer = await admin('GET', url);
    t.ok(answer.json().items.length > 0, url);
    const path = url.replace(real.user, '{user}').replace(real.line, '{line}');
    const schema = description.paths[path]?.get?.responses[200]?.content?.['application/json']?.schema;
    t.equal(wrongIn(schema as object, answer.json()), null);
  }
});

t.test('a problem is as described', async (t) => {
  const answer = await admin('POST', '/v1/users', {});
  const schema =
    description.paths['/v1/users']?.post?.responses['4XX']?.content?.['application/problem+json']?.schema;
  t.equal(wrongIn(schema as object, answer.json()), null);
});

t.test('every request that has a body has it described', async (t) => {
  const without = operations.filter(({ method, requestBody }) => method === 'POST' && !requestBody);
  t.same(
    without.map(({ operationId }) => operationId),
    ['reloadRules'],
  );
  const added = operations.find(({ operationId }) => operationId === 'addProof');
  const optional = operations.filter(({ requestBody }) => requestBody && requestBody.required !== true);
  t.same(
    optional.map(({ operationId }) => operationId).sort(),
    ['cancelPayment', 'confirmPayment', 'refundPayment', 'reopenPayment', 'rotateFeed'],
    'what needs none',
  );
  for (const { method, requestBody } of operations) {
    if (method !== 'PATCH') continue;
    t.same(Object.keys(requestBody?.content ?? {}), ['application/json', 'application/merge-patch+json']);
  }
  t.match(added?.requestBody, { content: { 'multipart/form-data': { schema: { required: ['file'] } } } });
});

t.test('what stands outside /v1', async (t) => {
  const open = service.as(null);
  for (const [method, url] of [
    ['POST', '/healthz'],
    ['DELETE', '/openapi.json'],
    ['PUT', '/metrics'],
  ] as const) {
    const refused = await open(method, url);
    t.match(
      [refused.statusCode, refused.headers.allow, refused.json().code],
      [405, 'GET, HEAD', 'method_not_allowed'],
    );
  }
  t.same((await open('GET', '/healthz')).json(), { status: 'alive' });
  t.same((await open('GET', '/readyz')).json(), { status: 'ready', rules: { state: 'current' } });
  const metrics = await open('GET', '/metrics');
  t.match(metrics.headers['content-type'], /^text\/plain/);
  t.match(
    metrics.body,
    /keepline_http_request_duration_seconds_count\{method="GET",route="\/v1\/lines\/:line"/,
  );
  t.notMatch(metrics.body, /line_[0-9a-f]{8}/, 'no address stands in the metrics');
  t.match((await open('GET', '/openapi.json')).json(), { openapi: '3.1.0', paths: { '/v1/users': {} } });
  const docs = await open('GET', '/docs/');
  t.equal(docs.statusCode, 200);
  t.match(docs.headers['content-security-policy'], /script-src/);
  t.notMatch(docs.headers['content-security-policy'], 'upgrade-insecure', 'it works without TLS too');
  t.equal((await open('GET', '/docs')).statusCode, 200);
});

t.test('not ready while the database does not answer', async (t) => {
  const { store } = service.app;
  const { ready } = store;
  t.teardown(() => Object.assign(store, { ready }));
  Object.assign(store, { ready: async () => false });
  const answer = await service.as(null)('GET', '/readyz');
  t.equal(answer.statusCode, 503);
  t.equal((await service.as(null)('GET', '/healthz')).statusCode, 200, 'but alive');
});
