/** What a link does, and how it is taken back. */
import { type AgendaEntry, answeredBy, isObligation, markedCycle } from '../../agenda/index.ts';
import { todayOf, UNDONE } from '../../ledger.ts';
import { recordsFor } from '../../planning/index.ts';
import type { ActName } from '../../publication/index.ts';
import { dateInZone, formatDay, parseAmount, parseDay } from '../../retention/index.ts';
import type { RecordInput } from '../../retention/record.ts';
import type { Timeline } from '../../retention/timeline.ts';
import type { BookedRule } from '../../rulebook/index.ts';
import type {
  Act,
  Deed,
  Line,
  Mark,
  Payment,
  PaymentBody,
  Queries,
  StoredRecord,
} from '../../store/types.ts';
import { type FeedDetail, PAYMENT_CHANNELS, type PaymentChannel } from '../../vocabulary.ts';
import type { Given, Look, Way, Wrong } from '../../web/act-page.ts';
import { actionOf, inLanguage, type Locale, versionOf } from '../../wording/index.ts';
import { readAmount } from '../amounts.ts';
import type { App } from '../context.ts';
import { contradictionsOf, reviewContradictions } from '../contradictions.ts';
import { rewriteEdges } from '../edges.ts';
import { beginPayment, checkPayment, demandRoom, movePayment } from '../payment-life.ts';
import { type Confirmation, seenIn } from '../payment-seen.ts';
import { checkRecords, ledgerFor } from '../record-checks.ts';
import { Refusal } from '../refusal.ts';

export type Bound = {
  app: App;
  line: Line;
  booked: BookedRule;
  entry: AgendaEntry;
  /** The id of the feed whose link it is. */
  feed: string;
};

/** For so many days an entry is put off: as many as its link says (`link.later`). */
const LATER_DAYS = 3;

type Paid = Extract<RecordInput, { type: PaymentBody['makes'] }>;
const isPaid = (record: RecordInput): record is Paid =>
  record.type === 'topup' || record.type === 'purchase' || record.type === 'plan_renewed';

/** What an action would be in the ledger in its least form; null where it makes no record. */
function recordFor({ line, booked }: Pick<Bound, 'line' | 'booked'>, timeline: Timeline, action: string) {
  const terms = { plan_price: line.plan_price, currency: booked.carrier.currency };
  return recordsFor(booked.rule.versions, timeline, action, terms)[0] ?? null;
}

/** The ways in which a deadline may have been met; none for an entry that asks for no record. */
export function waysOf(
  { line, booked, entry }: Pick<Bound, 'line' | 'booked' | 'entry'>,
  locale: Locale,
): Way[] {
  if (!entry.line || !isObligation(entry.kind)) return [];
  const { timeline } = entry.line;
  return entry.cures.flatMap((name): Way[] => {
    const action = actionOf(booked, timeline.version, name);
    const made = recordFor({ line, booked }, timeline, name);
    if (!action || !made) return [];
    const unknown = { amount: '', currency: booked.carrier.currency };
    const amount = isPaid(made) ? (made.amount ?? unknown) : null;
    return [{ name, text: inLanguage(action.text, locale), amount }];
  });
}

/** What was paid, as the API takes it; null for no amount, one of which it is not clear how much it is, or no more than none. */
function paidOf(text: string): string | null {
  const read = readAmount(text, { decimal: null });
  if ('detail' in read || read.value.currency !== null || parseAmount(read.value.amount) <= 0) return null;
  return read.value.amount;
}

const isChannel = (text: string): text is PaymentChannel =>
  PAYMENT_CHANNELS.some((channel) => channel === text);

/** A form that cannot be taken, by the field that is wrong and the sentence that says why. */
export class FormRefused extends Error {
  readonly wrong: Wrong;

  constructor(wrong: Wrong) {
    super('A form of a calendar link was refused.');
    this.wrong = wrong;
  }
}

/**
 * What of the carrier's account can be told with an act: with that an entry's wish to look is met, and with that a payment
 * has come; null for any other. In a calendar that names no carrier neither does the page, and a currency would.
 */
export function lookOf(
  { booked, entry }: Pick<Bound, 'booked' | 'entry'>,
  act: ActName,
  detail: FeedDetail,
): Look | null {
  const isAsked = act === 'went_through' || (act === 'done' && entry.kind === 'check_account');
  if (!isAsked || !entry.line || detail === 'neutral') return null;
  const { clocks } = versionOf(booked, entry.line.timeline.version);
  const shown = Object.values(clocks).filter(({ shows }) => shows !== undefined);
  // Of several dates a form would have to ask which.
  return { currency: booked.carrier.currency, validity: shown.length === 1 };
}

/** What a form says of the carrier's account; nothing where its fields are empty. */
function toldOf({ booked }: Bound, { balance = '', valid_until = '' }: Given): Confirmation {
  const read = balance.trim() === '' ? null : readAmount(balance, { decimal: null });
  if (read && ('detail' in read || read.value.currency !== null))
    throw new FormRefused({ field: 'balance', key: 'act.wrong_balance' });
  if (valid_until !== '' && parseDay(valid_until) === null)
    throw new FormRefused({ field: 'valid_until', key: 'act.wrong_valid_until' });
  const { currency } = booked.carrier;
  return {
    ...(read ? { balance: { amount: read.value.amount, currency } } : {}),
    ...(valid_until === '' ? {} : { valid_until }),
  };
}

/** Records what the person has seen, and ticks the entry that asked for it. */
async function look(bound: Bound, q: Queries, told: Confirmation): Promise<Deed> {
  const { app, line, booked } = bound;
  const seen = seenIn(told, todayOf(line, booked, app.clock()));
  const inputs = seen.map(({ input }) => input);
  const ledger = await ledgerFor({ app, q, line });
  const wrong = checkRecords(ledger, inputs, (index) => `/${seen[index]?.field}`);
  if (wrong.length > 0) throw new Refusal('invalid', wrong);
  const kept = await q.records.append(
    line.id,
    inputs.map((body) => ({ body })),
  );
  await rewriteEdges(app, q, line, [...ledger.records, ...kept]);
  await q.contradictions.keep(contradictionsOf(ledger, kept));
  return { seen: kept.map(({ id }) => id), ...(await mark(bound, q, 'done')) };
}

/** Records what the person says they did; what was paid is followed as a payment until it is confirmed. */
async function record(bound: Bound, q: Queries, given: Given): Promise<Deed> {
  const { app, line, booked, entry, feed } = bound;
  const { timeline } = entry.line as NonNullable<AgendaEntry['line']>;
  const name = given.way ?? '';
  const made = entry.cures.includes(name) ? recordFor(bound, timeline, name) : null;
  if (!made) throw new FormRefused({ field: 'way', key: 'act.wrong_way' });
  const at = given.on ?? '';
  if (parseDay(at) === null) throw new FormRefused({ field: 'on', key: 'act.wrong_on' });
  const ledger = await ledgerFor({ app, q, line });
  if (isPaid(made)) {
    const sum = paidOf(given.amount ?? '');
    if (sum === null) throw new FormRefused({ field: 'amount', key: 'act.wrong_amount' });
    const body: PaymentBody = {
      paid_at: at,
      amount: { amount: sum, currency: booked.carrier.currency },
      channel: isChannel(given.channel ?? '') ? (given.channel as PaymentChannel) : 'official_site',
      makes: made.type,
      ...('product' in made && made.product ? { product: made.product } : {}),
    };
    const wrong = checkPayment(ledger, body);
    if (wrong.length > 0) throw new Refusal('invalid', wrong);
    const begun = await beginPayment({ app, q, line, by: feed }, body, null);
    return { payment: { id: begun.id, was: null, became: 'pending', steps: begun.changes.length } };
  }
  if (given.amount?.trim()) throw new FormRefused({ field: 'amount', key: 'act.wrong_not_paid' });
  const input: RecordInput = { ...made, at };
  const wrong = checkRecords(ledger, [input], () => '');
  if (wrong.length > 0) throw new Refusal('invalid', wrong);
  const [kept] = (await q.records.append(line.id, [{ body: input }])) as [StoredRecord];
  await rewriteEdges(app, q, line, [...ledger.records, kept]);
  await q.contradictions.keep(contradictionsOf(ledger, [kept]));
  return { record: kept.id };
}

async function step(
  bound: Bound,
  q: Queries,
  to: 'confirmed' | 'failed',
  told: Confirmation = {},
): Promise<Deed> {
  const { app, line, entry, feed } = bound;
  const payment = entry.payment && (await q.payments.get(entry.payment.id));
  if (!payment) throw new FormRefused({ field: null, key: 'act.wrong_other' });
  demandRoom(payment);
  const said = to === 'failed' ? { to, reason: 'said by a link in the calendar' } : { to, ...told };
  const moved = await movePayment({ app, q, line, by: feed }, payment, said);
  return { payment: { id: payment.id, was: payment.state, became: to, steps: moved.changes.length } };
}

const markOf = async (q: Queries, line: string, { kind, cycle }: Pick<Mark, 'kind' | 'cycle'>) =>
  (await q.marks.ofLines([line])).get(line)?.find((mark) => mark.kind === kind && mark.cycle === cycle) ??
  null;

async function mark(bound: Bound, q: Queries, what: 'done' | 'later') {
  const { app, line, entry } = bound;
  const zone = entry.line?.time_zone ?? 'UTC';
  const now = app.clock();
  const today = parseDay(dateInZone(now, zone)) as number;
  const on_day = what === 'later' ? formatDay(today + LATER_DAYS) : answeredBy(entry);
  const said = { kind: entry.kind, cycle: markedCycle(entry), at: now.toISOString() };
  const was = await markOf(q, line.id, said);
  await q.marks.put({ line: line.id, ...said, what, on_day });
  return { mark: { ...said, was } };
}

/** Does what the link says. @throws FormRefused, or Refusal of the ledger or the payment, where it cannot be taken */
export async function perform(bound: Bound, q: Queries, act: ActName, given: Given): Promise<Deed> {
  const { entry } = bound;
  switch (act) {
    case 'went_through':
      return step(bound, q, 'confirmed', toldOf(bound, given));
    case 'did_not':
      return step(bound, q, 'failed');
    case 'proof_saved': {
      const id = (entry.payment as NonNullable<AgendaEntry['payment']>).id;
      await q.payments.update(id, { proof_elsewhere: true });
      return { proof_elsewhere: id };
    }
    case 'later':
      return mark(bound, q, 'later');
    case 'done':
      if (lookOf(bound, act, 'full')) {
        const told = toldOf(bound, given);
        if (told.balance || told.valid_until) return look(bound, q, told);
      }
      return waysOf(bound, 'en').length > 0 ? record(bound, q, given) : mark(bound, q, 'done');
  }
}

async function undoPayment(
  { app, line, feed }: Omit<Bound, 'entry' | 'booked'>,
  q: Queries,
  did: Extract<Deed, { payment: object }>['payment'],
): Promise<boolean> {
  const payment: Payment | null = await q.payments.get(did.id);
  // What has happened to it since is not undone with it.
  if (!payment || payment.state !== did.became) return false;
  if (did.steps !== undefined && payment.changes.length !== did.steps) return false;
  const life = { app, q, line, by: feed };
  const reason = UNDONE;
  if (did.was === null) await movePayment(life, payment, { to: 'cancelled', reason });
  else {
    const reopened = await movePayment(life, payment, { to: 'pending', reason, keepsMoney: true });
    if (did.was === 'failed') await movePayment(life, reopened, { to: 'failed', reason });
  }
  return true;
}

/** Puts back what had been said of the entry before, unless something else has been said since. */
async function undoMark(
  q: Queries,
  line: string,
  did: Extract<Deed, { mark: object }>['mark'],
): Promise<boolean> {
  const present = await markOf(q, line, did);
  // Acts of a version before do not tell when, or what had been said.
  if (!present || (did.at !== undefined && present.at !== did.at)) return false;
  if (did.was) await q.marks.put(did.was);
  else await q.marks.remove(present);
  return true;
}

/** What has been said of the same payment's proof since, by another entry's link or in another way, stands. */
async function undoProof(
  q: Queries,
  { line, at }: Act,
  said: 'proof_elsewhere' | 'no_proof',
  id: string,
): Promise<boolean> {
  const saysSo = ({ did }: Act) => 'proof_elsewhere' in did && did.proof_elsewhere === id;
  const since = (await q.acts.ofLine(line)).some((other) => saysSo(other) && other.at > at);
  if (since || !(await q.payments.get(id))?.[said]) return false;
  return (await q.payments.update(id, { [said]: false })) !== null;
}

/** Takes back what a link has done; false where something has come since, and nothing is taken back. */
export async function undo(bound: Omit<Bound, 'entry'>, q: Queries, act: Act): Promise<boolean> {
  const { did } = act;
  const { line } = bound;
  if ('payment' in did) return undoPayment(bound, q, did.payment);
  if ('seen' in did) {
    if (!(await undoMark(q, line.id, did.mark))) return false;
    for (const id of did.seen) await undoRecord(bound, q, id);
    return true;
  }
  if ('mark' in did) return undoMark(q, line.id, did.mark);
  if ('proof_elsewhere' in did) return undoProof(q, act, 'proof_elsewhere', did.proof_elsewhere);
  if ('no_proof' in did) return undoProof(q, act, 'no_proof', did.no_proof);
  return undoRecord(bound, q, did.record);
}

async function undoRecord(
  { app, line, booked }: Omit<Bound, 'entry'>,
  q: Queries,
  id: string,
): Promise<boolean> {
  const record = await q.records.get(id);
  if (!record || record.voided_by !== null) return false;
  const at = todayOf(line, booked, app.clock());
  await q.records.append(line.id, [{ body: { type: 'void', at, record: record.id, reason: UNDONE } }]);
  const ledger = await ledgerFor({ app, q, line });
  await rewriteEdges(app, q, line, ledger.records);
  await reviewContradictions(q, ledger);
  return true;
}
