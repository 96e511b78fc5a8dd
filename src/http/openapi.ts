/** The OpenAPI description, generated from the routes' schemas: `/openapi.json`, `/docs`, `openapi.yaml`. */
import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import type { FastifyContextConfig, FastifyInstance } from 'fastify';
import { examples } from '../../examples/requests.ts';
import packageJson from '../../package.json' with { type: 'json' };
import {
  Action,
  Charge,
  Clock,
  Event,
  Pattern,
  StageRule,
  Sum,
  Text,
  Version,
} from '../retention/language.ts';
import { At, Money } from '../retention/record.ts';
import { Evidence, Example } from '../rulebook/schema.ts';
import { ETAG, REPLAYED } from './schemas.ts';

type Json = Record<string, unknown>;
const COMPONENT = 'x-component';

/** Schemas of the engine and the rulebook that become components here. */
const COMPONENT_NAMES = new Map<unknown, string>([
  [At, 'At'],
  [Money, 'Money'],
  [Text, 'Text'],
  [Version, 'RuleVersion'],
  [Clock, 'Clock'],
  [Charge, 'Charge'],
  [StageRule, 'StageRule'],
  [Pattern, 'Pattern'],
  [Sum, 'Sum'],
  [Event, 'Event'],
  [Action, 'Action'],
  [Evidence, 'Evidence'],
  [Example, 'RuleExample'],
]);

/** Replaces `$id`s with marks, since Fastify and Swagger would resolve them; `liftComponents` makes them components. */
function markComponents(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(markComponents);
  if (schema === null || typeof schema !== 'object') return schema;
  const marked = Object.entries(schema).map(([key, value]) =>
    key === '$id' && typeof value === 'string' ? [COMPONENT, value] : [key, markComponents(value)],
  );
  const name = COMPONENT_NAMES.get(schema);
  return Object.fromEntries(name ? [[COMPONENT, name], ...marked] : marked);
}

/** Moves every marked schema to the components, once, and leaves a reference in its place. */
function liftComponents(document: Json): Json {
  const components: Json = {};
  const lift = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(lift);
    if (part === null || typeof part !== 'object') return part;
    const { [COMPONENT]: name, ...rest } = part as Json;
    const lifted = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, lift(value)]));
    if (typeof name !== 'string') return lifted;
    components[name] = lifted;
    return { $ref: `#/components/schemas/${name}` };
  };
  const lifted = lift(document) as Json;
  const inOrder = Object.fromEntries(Object.entries(components).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...lifted, components: { ...(lifted.components as Json), schemas: inOrder } };
}

/** A route's schema with its examples from `examples/requests.ts`. */
function withExamples(schema: Json): Json {
  const example = examples[schema.operationId as keyof typeof examples] as
    | { params?: Json; query?: Json; body?: unknown }
    | undefined;
  if (!example) return schema;
  const parts: Json = { ...schema };
  if (example.body !== undefined && schema.body) {
    const body = schema.body as Json & { content?: Json };
    parts.body = body.content ? body : { ...body, examples: [example.body] };
  }
  for (const [part, values] of [
    ['params', example.params],
    ['querystring', example.query],
  ] as const) {
    const described = schema[part] as { properties: Record<string, Json> } | undefined;
    if (!described || !values) continue;
    const properties = Object.entries(described.properties).map(([name, property]) => [
      name,
      name in values ? { ...property, examples: [values[name]] } : property,
    ]);
    parts[part] = { ...described, properties: Object.fromEntries(properties) };
  }
  return parts;
}

/** Request headers by method; those of GET only apply to routes with an ETag. */
const REQUEST_HEADERS: Record<string, Json> = {
  POST: {
    'Idempotency-Key': {
      type: 'string',
      pattern: '^[\\x21-\\x7e]{1,255}$',
      description: 'A request repeated with the same key is done once and gets the same answer for 24 hours.',
    },
  },
  PATCH: {
    'If-Match': { type: 'string', description: 'The ETag of what you read; 412 if it has changed since.' },
  },
  GET: {
    'If-None-Match': {
      type: 'string',
      description: 'The ETag of what you have; 304 if it is still current.',
    },
  },
};

/** Adds headers to the 200 and 201 responses. */
function withHeaders(response: Json, headers: Record<string, object>): Json {
  if (Object.keys(headers).length === 0) return response;
  const described = Object.entries(response as Record<string, Json>).map(([status, answer]) =>
    /^20[01]$/.test(status)
      ? [status, { ...answer, headers: { ...(answer.headers as Json), ...headers } }]
      : [status, answer],
  );
  return Object.fromEntries(described);
}

/** Marks an operation whose body is optional; in all others it is required. */
const OPTIONAL_BODY = 'x-body-optional';

/** Replaces the marks of optional bodies with `required: false`. */
function applyOptionalBodies(document: Json): Json {
  for (const methods of Object.values(document.paths as Record<string, Record<string, Json>>)) {
    for (const operation of Object.values(methods)) {
      if (operation[OPTIONAL_BODY])
        operation.requestBody = { ...(operation.requestBody as Json), required: false };
      delete operation[OPTIONAL_BODY];
    }
  }
  return document;
}

/** Adds the headers common to a method, and the required scope. */
function withConventions(
  schema: Json,
  method: string,
  { scope = 'write', ifMatch = false, bodyOptional = false }: FastifyContextConfig,
): Json {
  const ownDescription = schema.description ? [schema.description] : [];
  const description = [...ownDescription, `Takes a key with the scope \`${scope}\`.`].join(' ');
  const isTagged = 304 in (schema.response as Json);
  const methodHeaders = method === 'GET' && !isTagged ? undefined : REQUEST_HEADERS[method];
  const properties = ifMatch ? { ...methodHeaders, ...REQUEST_HEADERS.PATCH } : methodHeaders;
  const isChange = method === 'PATCH' || (method === 'POST' && ifMatch);
  const responseHeaders = { ...(method === 'POST' ? REPLAYED : {}), ...(isChange ? ETAG : {}) };
  return {
    ...schema,
    description,
    response: withHeaders(schema.response as Json, responseHeaders),
    ...(properties ? { headers: { type: 'object', properties } } : {}),
    ...(method === 'PATCH' ? { consumes: ['application/json', 'application/merge-patch+json'] } : {}),
    ...(bodyOptional ? { [OPTIONAL_BODY]: true } : {}),
  };
}

const description = `Keeps prepaid phone numbers alive: rules of carriers and people's records in, dates and calendars out.

Every request takes \`Authorization: Bearer <key>\`. Errors are problem documents (RFC 9457) whose \`errors\` name each
place that is wrong, why, and what to do. Every POST takes an \`Idempotency-Key\`.`;

/** Describes the routes of all scopes registered after it. */
export async function describeApi(server: FastifyInstance) {
  await server.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Keepline',
        version: packageJson.version,
        description,
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/' }],
      tags: [
        { name: 'Rulebook', description: 'Carriers and their rules, with evidence.' },
        { name: 'Users', description: 'People.' },
        { name: 'Keys', description: "Keys to one person's data." },
        { name: 'Lines', description: 'Numbers, each under a rule.' },
        { name: 'Records', description: 'What has happened: the append-only ledger of a line.' },
        { name: 'Payments', description: 'From "I paid" to "the carrier shows it", with its proof.' },
        { name: 'Timelines', description: 'What has happened, what will happen, what to do.' },
        { name: 'Feeds', description: 'Calendars to subscribe to.' },
        { name: 'Data', description: 'Export and import of everything.' },
      ],
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
      security: [{ key: [] }],
    },
    hideUntagged: true,
    transform: ({ schema, url, route }) => {
      if (!schema || schema.hide) return { schema, url };
      const { body, ...config } = route.config ?? {};
      const described = withExamples(markComponents(body ? { ...schema, body } : schema) as Json);
      return { schema: withConventions(described, String(route.method), config), url };
    },
    transformObject: (document) =>
      applyOptionalBodies(
        liftComponents(('openapiObject' in document ? document.openapiObject : {}) as Json),
      ),
  });
}

/** Allows only resources of this service. Does not require TLS, which a service in a private network may lack. */
const DOCS_CSP = {
  'default-src': "'self'",
  'script-src': "'self'",
  'img-src': "'self' data:",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
  'object-src': "'none'",
};

/** `/openapi.json`. */
export function serveDescription(server: FastifyInstance) {
  server.get('/openapi.json', { schema: { hide: true } }, async () => server.swagger());
}

/** `/docs`. */
export async function serveDocs(server: FastifyInstance) {
  await server.register(fastifySwaggerUi, {
    routePrefix: '/docs',
    staticCSP: DOCS_CSP,
    uiConfig: { validatorUrl: null, persistAuthorization: false },
  });
}
