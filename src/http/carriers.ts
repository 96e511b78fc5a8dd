/** The rulebook's carriers: support, ways to pay and warnings, with evidence for each. */
import { type Static, Type } from 'typebox';
import { CarrierFile } from '../rulebook/schema.ts';
import { matchesName, mayOwnNumber } from '../rulebook/search.ts';
import { CarrierId, RuleId, strictObject } from '../schemas/shapes.ts';
import type { App } from '../service/context.ts';
import { notFound } from './errors.ts';
import { sendWithEtag } from './etag.ts';
import { PageQuery, pageInMemory, pageOf } from './paging.ts';
import { CarrierParams, responses, responsesWithEtag } from './schemas.ts';
import type { Server } from './server.ts';

const { names, time_zone, currency } = CarrierFile.properties;
const listed = { id: CarrierId, names, time_zone, currency, rules: Type.Array(RuleId) };
const ListedCarrier = strictObject(listed, { $id: 'ListedCarrier' });

const { carrier: _, rules: __, ...shared } = CarrierFile.properties;
const CarrierSchema = strictObject(
  { id: CarrierId, ...shared, rules: Type.Array(RuleId) },
  { $id: 'Carrier' },
);

const CarrierQuery = strictObject({
  ...PageQuery.properties,
  q: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'Words of a name, in any script, or of an id.',
    }),
  ),
  number: Type.Optional(
    Type.String({
      pattern: '^[+0-9][-+0-9 ().]{0,30}$',
      description: 'A phone number with its country, or its beginning: `+79161234567`, `+44`.',
    }),
  ),
});

const ruleIds = (file: CarrierFile) => file.rules.map(({ id }) => `${file.carrier}/${id}`);

const presentListed = (file: CarrierFile): Static<typeof ListedCarrier> => ({
  id: file.carrier,
  names: file.names,
  time_zone: file.time_zone,
  currency: file.currency,
  rules: ruleIds(file),
});

function presentCarrier(file: CarrierFile): Static<typeof CarrierSchema> {
  const { carrier, rules: _, ...facts } = file;
  return { id: carrier, ...facts, rules: ruleIds(file) };
}

export function carriers(app: App, server: Server) {
  server.get(
    '/carriers',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listCarriers',
        tags: ['Rulebook'],
        summary: 'List the carriers, or find one',
        description: 'Finds a carrier by a name in any script, or by the phone number itself.',
        querystring: CarrierQuery,
        response: responses({ 200: pageOf(ListedCarrier) }),
      },
    },
    async (request) => {
      const { q, number, ...page } = request.query;
      const found = [...app.rulebook.carriers.values()].filter(
        (file) =>
          (q === undefined || matchesName(file, q)) && (number === undefined || mayOwnNumber(file, number)),
      );
      return pageInMemory(found.map(presentListed), page);
    },
  );

  server.get(
    '/carriers/:country/:carrier',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getCarrier',
        tags: ['Rulebook'],
        summary: 'Show a carrier with its evidence',
        params: CarrierParams,
        response: responsesWithEtag({ 200: CarrierSchema }),
      },
    },
    async (request, reply) => {
      const { country, carrier } = request.params;
      const file = app.rulebook.carriers.get(`${country}/${carrier}`);
      if (!file) throw notFound('carrier');
      return sendWithEtag(request, reply, presentCarrier(file));
    },
  );
}
