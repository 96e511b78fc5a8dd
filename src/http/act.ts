/**
 * `/act/{ticket}`: links in a calendar's entries. GET changes nothing, so that programs that prefetch links do no harm;
 * POST of the form performs the act, once, and can be undone for a day. The address itself grants the right to act, and
 * is never logged.
 */
import fastifyMultipart from '@fastify/multipart';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { entryText } from '../agenda/index.ts';
import { todayOf } from '../ledger.ts';
import { DAY } from '../lib/durations.ts';
import type { Field, FormError, FormInput } from '../link-form.ts';
import { dateInZone } from '../retention/index.ts';
import { accountFieldsOf } from '../service/act/account.ts';
import { type ActContext, FormRefused } from '../service/act/context.ts';
import { type ResolvedTicket, resolveTicket } from '../service/act/find.ts';
import { acceptedDays, perform, waysOf } from '../service/act/perform.ts';
import { undo } from '../service/act/undo.ts';
import { type App, withPinnedRules } from '../service/context.ts';
import { Refusal } from '../service/refusal.ts';
import type { Act, ActEffect, Locale, Queries } from '../store/types.ts';
import { donePage, formPage, keptPage, settledPage, undonePage, unknownPage } from '../web/act-page.ts';
import { displayText, LINK_POLICY } from '../web/index.ts';
import { formatMoment, type MessageKey } from '../wording/index.ts';
import { type Outcome, storeFormProof } from './act-proof.ts';
import { removeDoomedFiles } from './change.ts';
import { problemOfRefusal } from './errors.ts';
import { localeOf } from './locale.ts';

const MAX_LENGTH = 2_000;

const send = (reply: FastifyReply, status: number, locale: Locale, page: string) =>
  reply.code(status).type('text/html; charset=utf-8').header('content-language', locale).send(page);

function sendUnknown(request: FastifyRequest, reply: FastifyReply) {
  const locale = localeOf(request, 'en');
  return send(reply, 404, locale, unknownPage(locale));
}

/**
 * The form's input. If the owner entered today in their own zone and the line's zone is behind, takes the line's today.
 */
function localizeToday(app: App, { owner, line, booked }: ResolvedTicket, input: FormInput): FormInput {
  const today = todayOf(line, booked, app.clock());
  const isOwnersToday = input.on === dateInZone(app.clock(), owner.time_zone);
  return isOwnersToday && (input.on as string) > today ? { ...input, on: today } : input;
}

/** The form field and message for each JSON pointer that the API's checks report. */
const FIELD_ERRORS: [place: RegExp, field: Field, key: MessageKey][] = [
  [/^\/(at|paid_at)/, 'on', 'act.wrong_on'],
  [/^\/(amount|credited)/, 'amount', 'act.wrong_amount'],
  [/^\/balance/, 'balance', 'act.wrong_balance'],
  [/^\/valid_until/, 'valid_until', 'act.wrong_valid_until'],
];

/** The errors of a form, one for each field, from those of the API's checks; worded for a reader who knows no API. */
function formErrors({ errors }: Refusal): FormError[] {
  const found = errors.map(({ pointer }): FormError => {
    const [, field, key] = FIELD_ERRORS.find(([place]) => place.test(pointer)) ?? [];
    return { field: field ?? null, key: key ?? 'act.wrong_other' };
  });
  return [...new Map(found.map((error) => [error.field, error])).values()];
}

/** The page with a link's form; after a refusal, with the input and its errors. */
function formPageOf(
  app: App,
  { ticket, feed, line, booked, entry, locale }: ResolvedTicket,
  refused: { given?: FormInput; wrong?: readonly FormError[] } = {},
) {
  const key = `link.${ticket.act}` as MessageKey;
  if (!entry) return settledPage(locale);
  const { title } = entryText(entry, locale, { detail: feed.detail, showBalance: false });
  const isDone = ticket.act === 'done';
  const ways = isDone ? waysOf({ line, booked, entry }, locale) : [];
  const look = accountFieldsOf({ booked, entry }, ticket.act, feed.detail);
  const topUp = ticket.act === 'topped_up' ? booked.carrier.currency : null;
  const proof = paymentOfProof({ ticket, entry }) !== null;
  return formPage(
    locale,
    key,
    displayText(title),
    { ways, ...acceptedDays({ app, line, booked }), look, proof, topUp },
    refused,
  );
}

function donePageOf(found: ResolvedTicket, act: Act): string {
  const { locale, owner, ticket, until } = found;
  const dayLater = Date.parse(act.at) + DAY;
  const end = until === null ? dayLater : Math.min(dayLater, Date.parse(until));
  const date = formatMoment(locale, new Date(end), owner.time_zone);
  const again = 'mark' in act.did ? (act.did.mark.again_on ?? null) : null;
  return donePage(locale, `link.${ticket.act}` as MessageKey, { at: act.at, until: date, again });
}

/** The act that a link has already performed, unless its entry asks for it again. */
const performedAct = ({ act, isAskedAgain }: ResolvedTicket): Act | null => (isAskedAgain ? null : act);

/** The id of the payment that a link takes a proof of; null if it takes none, or no longer. */
const paymentOfProof = ({ ticket, entry }: Pick<ResolvedTicket, 'ticket' | 'entry'>): string | null =>
  ticket.act === 'proof_saved' ? (entry?.payment?.id ?? null) : null;

/** Whether an undo button is more than a day old: it carries its act's time, except on pages of earlier versions. */
const hasExpired = (actedAt: string | undefined, now: Date): boolean =>
  actedAt?.includes('T') === true && now.getTime() - Date.parse(actedAt) >= DAY;

/**
 * Performs or undoes a link's act. Each call looks the link up again, in a transaction of its owner; `pinned` is the
 * app as of the request.
 */
function linkActions({ clock, store }: App, pinned: App, text: string, owner: string) {
  const contextOf = ({ line, booked, feed }: ResolvedTicket) => ({
    app: pinned,
    line,
    booked,
    feed: feed.id,
  });
  return {
    /** Performs the act once, even if the form is sent twice. */
    use: (
      act: (q: Queries, found: ResolvedTicket, context: ActContext) => Promise<ActEffect>,
    ): Promise<Outcome> =>
      store.write(owner, async (q) => {
        const found = await resolveTicket(pinned, q, text);
        if (!found) return { hasActed: false, page: null };
        const performed = performedAct(found);
        if (performed) return { hasActed: false, page: donePageOf(found, performed) };
        if (!found.entry) return { hasActed: false, page: settledPage(found.locale) };
        const did = await act(q, found, { ...contextOf(found), entry: found.entry });
        const at = clock().toISOString();
        const stored = { ticket: found.ticketDigest, line: found.line.id, feed: found.feed.id, at, did };
        await q.acts.put(stored);
        return { hasActed: true, page: donePageOf(found, stored) };
      }),
    /** Undoes the act; null if the link is no longer known. */
    takeBack: (actedAt: string): Promise<string | null> =>
      store.write(owner, async (q) => {
        const found = await resolveTicket(pinned, q, text);
        if (!found) return null;
        if (found.act) {
          if (!(await undo(contextOf(found), q, found.act))) return keptPage(found.locale);
          await q.acts.remove(found.ticketDigest);
          return undonePage(found.locale);
        }
        // Undoing twice is idempotent. An act older than a day stands, even if it is no longer stored.
        const stands = found.hasActed || hasExpired(actedAt, clock());
        return found.entry && !stands ? undonePage(found.locale) : settledPage(found.locale);
      }),
  };
}

export async function acts(server: FastifyInstance, { app }: { app: App }) {
  const { store } = app;
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: MAX_LENGTH },
    (_request, body, parsed) => parsed(null, Object.fromEntries(new URLSearchParams(body as string))),
  );
  await server.register(fastifyMultipart, { throwFileSizeLimit: false });
  server.addHook('onRequest', async (_request, reply) => {
    reply.headers({
      'cache-control': 'private, no-store',
      'content-security-policy': LINK_POLICY,
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex',
    });
  });
  const schema = { hide: true };
  const ticketOf = (request: { params: unknown }) => (request.params as { ticket: string }).ticket;

  server.get('/:ticket', { schema }, async (request, reply) => {
    const pinned = withPinnedRules(app);
    const found = await store.snapshot((q) => resolveTicket(pinned, q, ticketOf(request)));
    if (!found) return sendUnknown(request, reply);
    const performed = performedAct(found);
    if (performed) return send(reply, 200, found.locale, donePageOf(found, performed));
    return send(reply, found.entry ? 200 : 410, found.locale, formPageOf(pinned, found));
  });

  server.post('/:ticket', { schema }, async (request, reply) => {
    const pinned = withPinnedRules(app);
    const text = ticketOf(request);
    const resolved = await store.snapshot((q) => resolveTicket(pinned, q, text));
    if (!resolved) return sendUnknown(request, reply);
    const link = linkActions(app, pinned, text, resolved.owner.id);
    const isUpload = request.isMultipart();
    const input = isUpload ? {} : ((request.body ?? {}) as FormInput & { undo?: string });
    const answer = (page: string | null) =>
      page === null ? sendUnknown(request, reply) : send(reply, 200, resolved.locale, page);
    try {
      if (input.undo !== undefined) {
        const page = await link.takeBack(input.undo);
        if (resolved.act && 'proof' in resolved.act.did) await removeDoomedFiles(app);
        return answer(page);
      }
      const payment = isUpload && !performedAct(resolved) ? paymentOfProof(resolved) : null;
      const uploaded = payment === null ? null : await storeFormProof(app, request, payment, link.use);
      const outcome =
        uploaded ??
        (await link.use((q, found, context) =>
          perform(context, q, found.ticket.act, localizeToday(pinned, found, input)),
        ));
      return answer(outcome.page);
    } catch (error) {
      const refuse = (status: number, wrong: FormError[]) =>
        send(reply, status, resolved.locale, formPageOf(pinned, resolved, { given: input, wrong }));
      if (error instanceof FormRefused) return refuse(422, [error.error]);
      if (error instanceof Refusal) return refuse(problemOfRefusal(error).statusCode, formErrors(error));
      throw error;
    }
  });
}
