/** Agendas: what a user should do, on which day, why and how, for one line or all of their lines. */
import { setImmediate } from 'node:timers/promises';
import { type Static, Type } from 'typebox';
import {
  type AgendaEntry,
  agendaItemJson,
  agendaOf,
  agendaWithoutLines,
  byDay,
  silentFeedEntries,
} from '../agenda/index.ts';
import { agendaLineOf } from '../ledger.ts';
import { type LineData, readLineData, silentFeeds, uidOf, withoutDuplicates } from '../publication/index.ts';
import { dateInZone } from '../retention/index.ts';
import { LocalDate } from '../retention/record.ts';
import { LineParams } from '../schemas/lines.ts';
import { Id, nullable, strictObject } from '../schemas/shapes.ts';
import { type App, withPinnedRules } from '../service/context.ts';
import { ruleOf } from '../service/record-checks.ts';
import type { Line, User } from '../store/types.ts';
import { ENTRY_KINDS } from '../vocabulary.ts';
import { notFound } from './errors.ts';
import { sendWithEtag } from './etag.ts';
import { visibleLine } from './lines.ts';
import { languageHeaders, localeOf } from './locale.ts';
import { pageOf } from './paging.ts';
import { LANGUAGE, responsesWithEtag, UserParams } from './schemas.ts';
import type { Server } from './server.ts';
import { Because, Cure } from './timeline-schema.ts';
import { visibleUser } from './users.ts';

const AgendaItem = strictObject(
  {
    uid: Type.String({ description: 'The UID of the entry in a feed.' }),
    kind: Type.Enum([...ENTRY_KINDS]),
    on: Type.String({ ...LocalDate, description: "A day in the person's time zone." }),
    state: Type.Enum(['due', 'overdue', 'done']),
    title: Type.String(),
    text: Type.String(),
    act_by: nullable(LocalDate, { description: "The last safe day in the carrier's time zone." }),
    because: nullable(Because),
    cures: Type.Array(Cure, {
      description:
        'What to do: any one of them is enough. If several clocks end on the same day and no single action ' +
        'answers all, one for each is needed, as `text` says.',
    }),
    payment: nullable(Id, { description: 'The payment that the entry is about.' }),
  },
  { $id: 'AgendaItem' },
);
type Agenda = { items: Static<typeof AgendaItem>[]; next_cursor: null };

/**
 * A line's entries, as a feed of all kinds shows them; none if its rule is gone, which only the line's agenda reports.
 */
function entriesOf(app: App, line: Line, stored: LineData, owner: User): AgendaEntry[] {
  const booked = app.rulebook.rules.get(line.rule);
  return booked ? withoutDuplicates(agendaOf(agendaLineOf(booked, line, stored, owner.time_zone))) : [];
}

/** Entries worded between two yields to the event loop. */
const ENTRIES_PER_TURN = 50;

async function agendaJson(
  app: App,
  entries: AgendaEntry[],
  owner: User,
  locale: User['locale'],
): Promise<Agenda> {
  const today = dateInZone(app.clock(), owner.time_zone);
  const items: Agenda['items'] = [];
  for (const [index, entry] of entries.entries()) {
    const uid = uidOf(app.secret, entry, owner.id);
    items.push(agendaItemJson(entry, locale, { uid, today, showBalance: true }));
    if (index % ENTRIES_PER_TURN === ENTRIES_PER_TURN - 1) await setImmediate();
  }
  return { items, next_cursor: null };
}

export function agendas(app: App, server: Server) {
  const { store } = app;

  server.get(
    '/lines/:line/agenda',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getLineAgenda',
        tags: ['Timelines'],
        summary: 'Show what to do for a line',
        params: LineParams,
        response: responsesWithEtag({ 200: pageOf(AgendaItem) }, LANGUAGE),
      },
    },
    async (request, reply) => {
      const { id } = visibleLine(request.principal, await store.lines.get(request.params.line));
      const [line, owner, stored] = await store.snapshot(async (q) => {
        const found = visibleLine(request.principal, await q.lines.get(id));
        return [found, await q.users.get(found.user), (await readLineData(q, [id]))(id)] as const;
      });
      if (!owner) throw notFound('line');
      const pinned = withPinnedRules(app);
      ruleOf(pinned, line);
      const locale = localeOf(request, owner.locale);
      reply.headers(languageHeaders(locale));
      const agenda = await agendaJson(pinned, entriesOf(pinned, line, stored, owner), owner, locale);
      return sendWithEtag(request, reply, agenda);
    },
  );

  server.get(
    '/users/:user/agenda',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getUserAgenda',
        tags: ['Timelines'],
        summary: 'Show what to do for all lines of a person',
        params: UserParams,
        response: responsesWithEtag({ 200: pageOf(AgendaItem) }, LANGUAGE),
      },
    },
    async (request, reply) => {
      const { id } = visibleUser(request.principal, await store.users.get(request.params.user));
      const [owner, lines, stored, silences] = await store.snapshot(async (q) => {
        const found = visibleUser(request.principal, await q.users.get(id));
        const own = await q.lines.ofUser(id);
        const ids = own.map((line) => line.id);
        return [found, own, await readLineData(q, ids), await q.silences.ofUser(id)] as const;
      });
      const pinned = withPinnedRules(app);
      const entries: AgendaEntry[] = [];
      for (const line of lines) {
        entries.push(...entriesOf(pinned, line, stored(line.id), owner));
        await setImmediate();
      }
      const nobody = { created_on: dateInZone(new Date(owner.created_at), owner.time_zone) };
      const ofLines = entries.length > 0 ? entries : agendaWithoutLines(nobody);
      const all = [...ofLines, ...silentFeedEntries(silentFeeds(silences, owner.time_zone))];
      const inOrder = all.sort(byDay);
      const locale = localeOf(request, owner.locale);
      reply.headers(languageHeaders(locale));
      return sendWithEtag(request, reply, await agendaJson(pinned, inOrder, owner, locale));
    },
  );
}
