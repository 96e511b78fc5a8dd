/** What the carrier takes by itself, and how records change the balance. Sentences 12 to 14. */
import type { Charge, Clock } from '../../../src/retention/language.ts';
import { after, afterMonths, dayOfMonth, daysInMonth, lengthOf } from './days.ts';
import { certainRuleOf, clocksOf, type Line, moneyOf, type Run, versionOn } from './line.ts';
import type { Entry } from './records.ts';
import { isRenewedBy, lengthen } from './restarts.ts';
import { type Amount, amountOf, inReading } from './terms.ts';

/** The amount of a charge; null while the plan's price is not known. */
function priceOf(line: Line, { take }: Charge): Amount | null {
  const price = inReading(take, line.reading);
  return price === 'plan_price' ? line.planPrice : amountOf(price);
}

/** Takes a charge, whole or as `partial` says. Returns whether it was paid. */
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

/** Takes the daily fees of stages; with `first` only where none has been taken yet. Returns whether any was due. */
export function takeDailyFees(line: Line, first: boolean): boolean {
  let taken = false;
  for (const run of line.runs.values()) {
    const charge = certainRuleOf(line, run)?.charge;
    if (charge?.every !== 'day' || (first && run.feeSought)) continue;
    run.feeSought = true;
    if (line.balance !== null) pay(line, priceOf(line, charge), charge.partial);
    taken = true;
  }
  return taken;
}

/**
 * Takes the day's fees: the daily ones of stages, and those of clocks that are only a charge. Returns whether any was
 * due.
 */
export function takeFees(line: Line): boolean {
  let taken = takeDailyFees(line, false);
  for (const [, { charge }] of clocksOf(line)) {
    if (!charge || charge.at_end) continue;
    if (!isLevyDay(line, charge)) continue;
    levy(line, charge);
    taken = true;
  }
  return taken;
}

/** Whether a levy falls on this day. */
function isLevyDay({ day, reading, seen }: Line, charge: Charge): boolean {
  if (charge.on_day_of_month !== undefined)
    return dayOfMonth(day) === Math.min(charge.on_day_of_month, daysInMonth(day));
  if (seen === null) return false;
  // Monthly on an unknown day: at the earliest the day after the balance was seen, at the latest a month after it.
  for (let month = 0; ; month++) {
    const on = reading === 'earliest' ? afterMonths(seen + 1, month) : afterMonths(seen, month + 1);
    if (on >= day) return on === day;
  }
}

/** Takes a levy, or, with `less`, what is missing to a minimum spend since the last levy. */
function levy(line: Line, charge: Charge) {
  const kinds: readonly string[] = charge.less?.of ?? [];
  const spent = line.spent
    .slice(line.spentBefore)
    .filter(({ kind }) => kinds.includes(kind))
    .reduce((sum, { amount }) => sum + amount, 0);
  line.spentBefore = line.spent.length;
  const price = priceOf(line, charge);
  if (line.balance === null || price === null || price <= spent) return;
  pay(line, price - spent, charge.partial);
}

/** The charge at a clock's end: its own, or one that a later version applies to running clocks. */
function chargeAtEnd(line: Line, run: Run): Charge | null {
  if (run.clock.charge?.at_end) return run.clock.charge;
  const later: Clock | undefined = versionOn(line.rule, line.day).clocks[run.name];
  return later?.charge?.at_end && later.charge.applies_to === 'running' ? later.charge : null;
}

/** An opt-out in time: the charge at a clock's end is not taken until a record sets the clock again. */
function decline(line: Line) {
  for (const run of line.runs.values()) {
    const notice = chargeAtEnd(line, run)?.opt_out_until;
    if (notice === undefined || run.end === null || line.day > run.end) continue;
    if (after(line.day, lengthOf(inReading(notice, line.reading))) <= run.end) run.declined = true;
  }
}

/**
 * Takes the charges of clocks whose last good day is today, after the day's records; a paid one moves that day.
 * `standing` selects the clocks that can be paused, or the others. Returns whether any was attempted.
 */
export function takeAtEnds(line: Line, standing: boolean): boolean {
  let taken = false;
  for (const run of line.runs.values()) {
    if (run.end !== line.day || standing !== (run.clock.paused_while !== undefined)) continue;
    const charge = chargeAtEnd(line, run);
    if (!charge?.adds || run.declined) continue;
    if (charge.times !== undefined && run.taken >= charge.times) continue;
    // A swallowed charge takes the money without extending the clock.
    taken = true;
    if (!pay(line, priceOf(line, charge), charge.partial)) continue;
    run.taken++;
    run.assumedOn = line.day;
    if (charge.as !== 'ordinary') run.boughtFrom ??= line.day + 1;
    lengthen(run, run, lengthOf(charge.adds));
  }
  return taken;
}

/** Sentence 12: the clocks whose assumed renewal, of at most three days ago, this record confirms. */
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

/** Applies a record to the balance. An unknown balance stays unknown until it is seen (sentence 14). */
export function moveMoney(line: Line, { input, paid, day }: Entry, confirmed: boolean) {
  const change = (amount: Amount) => {
    if (line.balance !== null) line.balance += amount;
  };
  const spend = (kind: string, amount: Amount) => line.spent.push({ day, kind, amount });
  if (input.type === 'balance') {
    line.balance = amountOf(input.amount.amount);
    line.seen = day;
    line.spentBefore = line.spent.length;
  }
  if (input.type === 'plan') line.planPrice = amountOf(input.price.amount);
  if (input.type === 'opt_out') decline(line);
  if (input.type === 'topup') change(amountOf(input.amount.amount));
  // Usage from an allowance is not taken from the balance.
  if (input.type === 'activity' && input.charge && !input.from_allowance) {
    change(-amountOf(input.charge.amount));
    spend(input.kind, amountOf(input.charge.amount));
  }
  if (input.type === 'purchase' && input.amount && input.from_balance) {
    if (!paid) change(-amountOf(input.amount.amount));
    spend('purchase', amountOf(input.amount.amount));
  }
  if (input.type === 'plan_renewed' && !paid && !confirmed) {
    const price = input.amount ? amountOf(input.amount.amount) : renewalPrice(line);
    // A price that the balance does not cover was paid in another way.
    if (price !== null && line.balance !== null && line.balance >= price) change(-price);
  }
}

/** The price of a renewal without an amount: that of the automatic charge. */
function renewalPrice(line: Line): Amount | null {
  const charge = clocksOf(line).find(([, clock]) => clock.charge?.at_end)?.[1].charge;
  return charge ? priceOf(line, charge) : null;
}

/**
 * Starts clocks that run while the balance is (below) zero when that becomes true, and stops them when it no longer is.
 */
export function watchBalance(line: Line, used: boolean, start: (name: string, clock: Clock) => Run) {
  // Without any record the balance is not assumed to be used up.
  if (!line.heard) return;
  for (const [name, clock] of clocksOf(line)) {
    if (!clock.runs_while) continue;
    const money = moneyOf(line);
    const holds = clock.runs_while === 'balance < 0' ? money < 0 : money <= 0;
    const runs = line.runs.has(name);
    // A line in use was not cut off for lack of money: an unknown balance counts as used up only from then on.
    if (holds && (!runs || (line.balance === null && used))) line.runs.set(name, start(name, clock));
    if (!holds) line.runs.delete(name);
  }
}
