/** What stage the line is in, from where its clocks stand. */
import type { Stage } from '../../../src/retention/record.ts';
import { certainRuleOf, clocksOf, type Line, moneyOf, type Place, type Run, type Standing, stepOf } from './line.ts';

/** From best to worst. */
const ORDER: readonly Stage[] = [
  'unknown',
  'active',
  'restricted',
  'fee_running',
  'receive_only',
  'suspended',
  'lost',
  'reissuable',
];
const gravity = (stage: Stage): number => ORDER.indexOf(stage);

/** Sentence 13: the fee stage holds while the balance is positive or unknown. */
function isEmpty(line: Line, run: Run): boolean {
  if (line.balance === null) return line.reading === 'earliest' && run.feeSought;
  return moneyOf(line) <= 0;
}

/** The certain stage that one clock puts the line in, or null while it has nothing to say. */
function stageOf(line: Line, run: Run): Stage | null {
  const rule = certainRuleOf(line, run);
  if (rule?.charge && isEmpty(line, run)) return rule.when_empty ?? 'receive_only';
  if (rule) return rule.stage;
  // Sentence 12: while a charge carries the clock on, and that is not the ordinary course.
  const bought = run.boughtFrom !== null && line.day >= run.boughtFrom;
  return bought && run.end !== null && line.day <= run.end ? 'fee_running' : null;
}

export const placesOf = (line: Line): Map<string, Place> =>
  new Map([...line.runs].map(([name, run]) => [name, { run, step: stepOf(line, run) }]));

/**
 * Sentence 8: with no clock started, the stage is unknown. Where all clocks watch the balance and it is known, none
 * waits for a start.
 */
function isStarted(line: Line): boolean {
  if (line.runs.size > 0) return true;
  const waits = clocksOf(line).some(([, clock]) => clock.restarts_on || clock.shows);
  return line.balance !== null && !waits;
}

/** Sentence 20: the gravest among the certain stages of all clocks. */
export function standingOf(line: Line): Standing {
  const { status } = line;
  // What says that nothing is known says nothing.
  const said = status && status.stage !== 'unknown' ? status : null;
  let gravest: Standing = { stage: said?.stage ?? (isStarted(line) ? 'active' : 'unknown'), clock: null };
  for (const [name, run] of line.runs) {
    // What the carrier says wins over where the clocks stood then, not over what comes later.
    const stood = said?.stood.get(name);
    if (stood?.run === run && stood.step === stepOf(line, run)) continue;
    const stage = stageOf(line, run);
    if (stage && gravity(stage) > gravity(gravest.stage)) gravest = { stage, clock: name };
  }
  return gravest;
}
