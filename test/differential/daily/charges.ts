/** What the carrier takes by itself, and what records do to the money. Sentences 12 to 14. */
import type { Charge, Clock } from '../../../src/retention/language.ts';
import { after, afterMonths, type Day, dayOfMonth, daysInMonth, lengthOf } from './days.ts';
import { certainRuleOf, clocksOf, type Line, moneyOf, type Run, versionOn } from './line.ts';
import type { Entry } from './records.ts';
import { isRenewedBy, lengthened } from './restarts.ts';
import { type Amount, amountOf, inReading } from './terms.ts';

/** What is taken each time; null while the plan's price is not known. */
function priceOf(line: Line, { take }: Charge): Amount | null {
  const price = inReading(take, line.reading);
  return price === 'plan_price' ? line.planPrice : amountOf(price);
}

/** Takes a charge, whole or as `partial` has it. Was it paid? */
function pay(line: Line, price: Amount | null, partial: Charge['partial'] = 'refused'): boolean {
  if (price === null) return false;
  if (line.balance === null) return line.reading === 'latest';
  if (line.balance >= price) {
    line.balance -= price;
    return true;
  }
  if (partial === 'refused' || line.balance <= 0) return false;
  line.balance = 0;
  return partial === 'taken';
}

/** The fees of a morning: those of stages, each day, and those of clocks that are nothing but a charge. */
export function takeFees(line: Line): boolean {
  let taken = false;
  for (const run of line.runs.values()) {
    const charge = certainRuleOf(line, run)?.charge;
    if (charge?.every !== 'day') continue;
    if (line.balance === null) run.feeSought = true;
    else pay(line, priceOf(line, charge), charge.partial);
    taken = true;
  }
  for (const [, { charge }] of clocksOf(line)) {
    if (!charge || charge.at_end) continue;
    const last = levyBefore(line, charge);
    if (last === undefined) continue;
    levy(line, charge, last);
    taken = true;
  }
  return taken;
}

/** On a levy's day, the day of the one before (or of the first record); undefined on other days. */
function levyBefore(line: Line, charge: Charge): Day | undefined {
  const { day, first } = line;
  if (charge.on_day_of_month !== undefined) {
    const falls = Math.min(charge.on_day_of_month, daysInMonth(day));
    return dayOfMonth(day) === falls ? Math.max(first, day - 31) : undefined;
  }
  // Once a month, on a day that is not known: the next one at the soonest, a month later at the latest.
  const from = line.reading === 'earliest' ? first + 1 : first;
  let before = first;
  for (let month = line.reading === 'earliest' ? 0 : 1; ; month++) {
    const on = afterMonths(from, month);
    if (on > day) return undefined;
    if (on === day) return before;
    before = on;
  }
}

/** A levy, or what is missing to a least spend since the last. */
function levy(line: Line, charge: Charge, since: Day) {
  const kinds: readonly string[] = charge.less?.of ?? [];
  const spent = line.spent
    .filter(({ day, kind }) => day >= since && day < line.day && kinds.includes(kind))
    .reduce((sum, { amount }) => sum + amount, 0);
  const price = priceOf(line, charge);
  if (line.balance === null || price === null || price <= spent) return;
  pay(line, price - spent, charge.partial);
}

/** The charge a clock is under: its own, or one that its version's successor puts on clocks that run. */
function chargeAtEnd(line: Line, run: Run): Charge | null {
  if (run.clock.charge?.at_end) return run.clock.charge;
  const later: Clock | undefined = versionOn(line.rule, line.day).clocks[run.name];
  return later?.charge?.at_end && later.charge.applies_to === 'running' ? later.charge : null;
}

const isDeclined = (line: Line, { opt_out_until }: Charge): boolean => {
  if (opt_out_until === undefined) return false;
  const notice = lengthOf(inReading(opt_out_until, line.reading));
  return line.declinedOn.some((day) => after(day, notice) <= line.day);
};

/** On a clock's last good day, after its records: what is paid moves that day. */
export function takeAtEnds(line: Line): boolean {
  let taken = false;
  for (const run of line.runs.values()) {
    if (run.end !== line.day) continue;
    const charge = chargeAtEnd(line, run);
    if (!charge?.adds || isDeclined(line, charge)) continue;
    if (charge.times !== undefined && run.taken >= charge.times) continue;
    if (!pay(line, priceOf(line, charge), charge.partial)) continue;
    run.taken++;
    run.assumedOn = line.day;
    if (charge.as !== 'ordinary') run.boughtFrom ??= line.day + 1;
    Object.assign(run, lengthened(run, lengthOf(charge.adds)));
    taken = true;
  }
  return taken;
}

/** Sentence 12: clocks of which this renewal is the one that was assumed, within three days. */
export function confirms(line: Line, { input, day }: Entry): Set<string> {
  const confirmed = new Set<string>();
  if (input.type !== 'plan_renewed') return confirmed;
  for (const run of line.runs.values()) {
    if (run.assumedOn === null || day - run.assumedOn > 3 || !isRenewedBy(run, 'plan_renewed')) continue;
    confirmed.add(run.name);
    run.assumedOn = null;
  }
  return confirmed;
}

/** What a record does to the money. An unknown balance stays unknown until it is seen (sentence 14). */
export function moveMoney(line: Line, { input, paid, day }: Entry, confirmed: boolean) {
  const change = (amount: Amount) => {
    if (line.balance !== null) line.balance += amount;
  };
  const spend = (kind: string, amount: Amount) => line.spent.push({ day, kind, amount });
  if (input.type === 'balance') line.balance = amountOf(input.amount.amount);
  if (input.type === 'plan') line.planPrice = amountOf(input.price.amount);
  if (input.type === 'opt_out') line.declinedOn.push(day);
  if (input.type === 'topup') change(amountOf(input.amount.amount));
  if (input.type === 'activity' && input.charge) {
    change(-amountOf(input.charge.amount));
    spend(input.kind, amountOf(input.charge.amount));
  }
  if (input.type === 'purchase' && input.amount) {
    if (input.from_balance && !paid) change(-amountOf(input.amount.amount));
    spend('purchase', amountOf(input.amount.amount));
  }
  if (input.type === 'plan_renewed' && input.amount && !paid && !confirmed)
    change(-amountOf(input.amount.amount));
}

/** Clocks that watch the balance start on the day it is so, and stop when it no longer is. */
export function watchBalance(line: Line, start: (name: string, clock: Clock) => Run) {
  for (const [name, clock] of clocksOf(line)) {
    if (!clock.runs_while) continue;
    const money = moneyOf(line);
    const holds = clock.runs_while === 'balance < 0' ? money < 0 : money <= 0;
    const run = line.runs.get(name);
    if (holds && !run) line.runs.set(name, start(name, clock));
    // Sentence 10: out of a stage that lists cures, those alone lead.
    if (!holds && run && !certainRuleOf(line, run)?.cures) line.runs.delete(name);
  }
}
