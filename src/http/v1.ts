/** The REST API, version 1: validation and authentication, then the routes, one file for each resource. */
import type { FastifyInstance } from 'fastify';
import { strictObject } from '../schemas/shapes.ts';
import type { App } from '../service/context.ts';
import { agendas } from './agendas.ts';
import { authentication } from './authentication.ts';
import { carriers } from './carriers.ts';
import { contradictions } from './contradictions.ts';
import { deadlines } from './deadlines.ts';
import { dossiers } from './dossiers.ts';
import { exports } from './export.ts';
import { feedHealth } from './feed-health.ts';
import { feeds } from './feeds.ts';
import { idempotency } from './idempotency.ts';
import { imports } from './import.ts';
import { readJsonBodies } from './json.ts';
import { keys } from './keys.ts';
import { lineSimulations } from './line-simulations.ts';
import { lines } from './lines.ts';
import { watchMethods } from './methods.ts';
import { payments } from './payments.ts';
import { plans } from './plans.ts';
import { proofs } from './proofs.ts';
import { records } from './records.ts';
import { ruleReload } from './rule-reload.ts';
import { rules } from './rules.ts';
import { sheets } from './sheets.ts';
import { simulations } from './simulations.ts';
import { timelines } from './timelines.ts';
import { users } from './users.ts';
import { validatorCompiler } from './validation.ts';

/** Makes routes without a query schema refuse any query, so that a misspelt parameter is not ignored. */
function refuseUnknownQuery(route: { schema?: { querystring?: unknown; hide?: boolean } }) {
  if (!route.schema?.hide) route.schema = { querystring: strictObject({}), ...route.schema };
}

export async function v1(server: FastifyInstance, { app }: { app: App }) {
  const methods = watchMethods(server);
  server.setValidatorCompiler(validatorCompiler);
  // Responses are not filtered by their schemas, so that a replay gives the same bytes; tests check them instead.
  server.setSerializerCompiler(() => JSON.stringify);
  server.addHook('onRoute', refuseUnknownQuery);
  readJsonBodies(server);
  await server.register(authentication(app));
  idempotency(app, server);

  for (const resource of [
    carriers,
    rules,
    contradictions,
    ruleReload,
    users,
    keys,
    lines,
    records,
    payments,
    feeds,
    feedHealth,
    timelines,
    plans,
    agendas,
    simulations,
    lineSimulations,
    deadlines,
    dossiers,
    exports,
  ])
    resource(app, server);
  await server.register(imports, { app });
  await server.register(proofs, { app });
  await server.register(sheets, { app });

  methods.close();
}
