/** The rulebook's rules: clocks, stages and actions by version, with evidence for every fact. */
import type { Static } from 'typebox';
import type { BookedRule } from '../rulebook/index.ts';
import { CarrierFile, Rule } from '../rulebook/schema.ts';
import { CarrierId, RuleId, strictObject } from '../schemas/shapes.ts';
import type { App } from '../service/context.ts';
import { notFound } from './errors.ts';
import { sendWithEtag } from './etag.ts';
import { PageQuery, pageInMemory, pageOf } from './paging.ts';
import { RuleParams, responses, responsesWithEtag } from './schemas.ts';
import type { Server } from './server.ts';

const { id: _, name, facts, ...rest } = Rule.properties;
const { evidence, time_zone, currency } = CarrierFile.properties;
const listed = { id: RuleId, carrier: CarrierId, name, time_zone, currency, facts };
const ListedRule = strictObject(listed, { $id: 'ListedRule' });
const RuleSchema = strictObject({ ...listed, ...rest, evidence }, { $id: 'Rule' });

const presentListed = ({ id, carrier, rule }: BookedRule): Static<typeof ListedRule> => ({
  id,
  carrier: carrier.carrier,
  name: rule.name,
  time_zone: carrier.time_zone,
  currency: carrier.currency,
  ...(rule.facts ? { facts: rule.facts } : {}),
});

const presentRule = (booked: BookedRule): Static<typeof RuleSchema> => {
  const { unknown, versions, examples } = booked.rule;
  return {
    ...presentListed(booked),
    ...(unknown ? { unknown } : {}),
    versions,
    examples,
    evidence: booked.carrier.evidence,
  };
};

export function rules(app: App, server: Server) {
  server.get(
    '/rules',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listRules',
        tags: ['Rulebook'],
        summary: 'List the rules',
        querystring: PageQuery,
        response: responses({ 200: pageOf(ListedRule) }),
      },
    },
    async (request) => pageInMemory([...app.rulebook.rules.values()].map(presentListed), request.query),
  );

  server.get(
    '/rules/:country/:carrier/:rule',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getRule',
        tags: ['Rulebook'],
        summary: 'Show a rule with its evidence',
        params: RuleParams,
        response: responsesWithEtag({ 200: RuleSchema }),
      },
    },
    async (request, reply) => {
      const { country, carrier, rule } = request.params;
      const booked = app.rulebook.rules.get(`${country}/${carrier}/${rule}`);
      if (!booked) throw notFound('rule');
      return sendWithEtag(request, reply, presentRule(booked));
    },
  );
}
