/** Stops clocks: while another runs, or by a hold. Also stops charges that the owner has declined. */
import { addSpan, type Day, NEVER } from './day.ts';
import type { Entry } from './entry.ts';
import { type Fold, type Slot, touch } from './state.ts';

const isRunning = (slot: Slot, day: Day): boolean => slot.started && slot.stage < 0 && slot.end >= day;

/** Pauses the clocks whose days do not count while another runs, and resumes them once it has ended. */
export function pauseWhile(fold: Fold, day: Day): void {
  for (const i of fold.program.pausedSlots) {
    const clock = fold.clocks[i];
    if (!clock || clock.pausedWhile < 0) continue;
    const slot = fold.slots[i] as Slot;
    const other = fold.slots[clock.pausedWhile] as Slot;
    if (!slot.started || slot.stage >= 0) continue;
    const paused = slot.pausedFrom !== NEVER;
    if (isRunning(other, day)) {
      slot.pausedUntil = other.end;
      if (paused || slot.end >= NEVER || slot.end < day) continue;
      slot.pausedFrom = day;
      slot.pausedEnd = slot.end;
      slot.end = NEVER;
      touch(fold, slot);
    } else if (paused) {
      slot.end = resumedEnd(slot, Math.min(slot.pausedUntil, Math.max(day, slot.pausedFrom)));
      slot.pausedFrom = NEVER;
      slot.months = 0;
      touch(fold, slot);
    }
  }
}

const resumedEnd = (slot: Slot, until: Day): Day => slot.pausedEnd + Math.max(0, until - slot.pausedFrom);

/** The end of a clock as far as is known: a paused one resumes when the other has ended. */
export const expectedEnd = (slot: Slot): Day =>
  slot.pausedFrom === NEVER || slot.pausedUntil >= NEVER ? slot.end : resumedEnd(slot, slot.pausedUntil);

/** Gives a paused clock the end that it has if it resumes on `day`, so that the end can be extended or compared. */
export function resume(fold: Fold, slot: Slot, day: Day): void {
  const since = slot.pausedFrom === NEVER ? slot.heldFrom : slot.pausedFrom;
  if (since === NEVER) return;
  const toItsEnd = slot.heldFrom !== NEVER && slot.clock?.pausedBy?.as === 'extend';
  slot.end = toItsEnd ? Math.max(slot.pausedEnd, day) : slot.pausedEnd + (day - since);
  slot.pausedFrom = NEVER;
  slot.heldFrom = NEVER;
  slot.months = 0;
  touch(fold, slot);
}

/** Applies a hold to the clocks that it stops: until a date, or until a `status` record. */
export function hold(fold: Fold, entry: Entry, day: Day): void {
  for (const i of fold.program.holdSlots) {
    const clock = fold.clocks[i];
    const slot = fold.slots[i] as Slot;
    const by = clock?.pausedBy;
    if (!by || (by.hold !== 'any' && by.hold !== entry.of) || !isRunning(slot, day)) continue;
    if (entry.date === null) {
      if (slot.end >= NEVER) continue;
      slot.heldFrom = day;
      slot.pausedEnd = slot.end;
      slot.end = NEVER;
    } else if (slot.end < NEVER) {
      slot.end =
        by.as === 'freeze' ? slot.end + Math.max(0, entry.date - day) : Math.max(slot.end, entry.date);
    }
    slot.months = 0;
    touch(fold, slot);
  }
}

/** Ends the holds that have no end of their own. */
export function release(fold: Fold, day: Day): void {
  for (const i of fold.program.holdSlots) {
    const slot = fold.slots[i] as Slot;
    if (slot.heldFrom === NEVER) continue;
    const by = slot.clock?.pausedBy;
    slot.end = by?.as === 'freeze' ? slot.pausedEnd + (day - slot.heldFrom) : Math.max(slot.pausedEnd, day);
    slot.heldFrom = NEVER;
    touch(fold, slot);
  }
}

/** A charge that was declined in time is not taken until a record restarts its clock. */
export function optOut(fold: Fold, day: Day): void {
  for (const i of fold.program.optOutSlots) {
    const slot = fold.slots[i] as Slot;
    const until = fold.clocks[i]?.charge?.optOutUntil;
    if (!until || !isRunning(slot, day) || addSpan(day, until) > slot.end) continue;
    slot.timesLeft = 0;
    touch(fold, slot);
  }
}
