/** The description of the API, made from the schemas of its routes: `/openapi.json`, `/docs`, `openapi.yaml`. */
import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import packageJson from '../../package.json' with { type: 'json' };
import { examples } from './examples.ts';

type Json = Record<string, unknown>;
const NAME = 'x-component';

/** `$id`s become marks, since Fastify and Swagger would resolve them; `liftComponents` makes them components. */
function markComponents(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(markComponents);
  if (schema === null || typeof schema !== 'object') return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) =>
      key === '$id' && typeof value === 'string' ? [NAME, value] : [key, markComponents(value)],
    ),
  );
}

/** Every marked schema moves to the components, once, and a reference takes its place. */
function liftComponents(document: Json): Json {
  const components: Json = {};
  const lift = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(lift);
    if (part === null || typeof part !== 'object') return part;
    const { [NAME]: name, ...rest } = part as Json;
    const lifted = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, lift(value)]));
    if (typeof name !== 'string') return lifted;
    components[name] = lifted;
    return { $ref: `#/components/schemas/${name}` };
  };
  const lifted = lift(document) as Json;
  const inOrder = Object.fromEntries(Object.entries(components).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...lifted, components: { ...(lifted.components as Json), schemas: inOrder } };
}

/** A route's schema with the examples that stand beside it. */
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

const description = `Keeps prepaid phone numbers alive: rules of carriers and people's records in, dates and calendars out.

Every request takes \`Authorization: Bearer <key>\`. Errors are problem documents (RFC 9457) whose \`errors\` name each
place that is wrong, why, and what to do. Every POST takes an \`Idempotency-Key\`.`;

/** Gathers the routes of all scopes registered after it. */
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
        { name: 'Timelines', description: 'What has been, what will be, what to do.' },
        { name: 'Feeds', description: 'Calendars to subscribe to.' },
        { name: 'Data', description: 'Everything in, everything out.' },
      ],
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
      security: [{ key: [] }],
    },
    hideUntagged: true,
    transform: ({ schema, url }) => ({
      schema: schema ? (withExamples(markComponents(schema) as Json) as typeof schema) : schema,
      url,
    }),
    transformObject: (document) =>
      liftComponents(('openapiObject' in document ? document.openapiObject : {}) as Json),
  });
}

/** `/openapi.json` and `/docs`. */
export async function serveDescription(server: FastifyInstance) {
  server.get('/openapi.json', { schema: { hide: true } as object }, async () => server.swagger());
  await server.register(fastifySwaggerUi, {
    routePrefix: '/docs',
    staticCSP: true,
    uiConfig: { validatorUrl: null, persistAuthorization: false },
  });
}
