/** The stage of a line, derived from the state of its clocks. */
import type { Stage } from '../../../src/retention/record.ts';
import { certainRuleOf, clocksOf, type Line, moneyOf, type Run } from './line.ts';

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

/** The certain stage that one clock puts the line in, or null if none. */
function stageOf(line: Line, run: Run): Stage | null {
  const rule = certainRuleOf(line, run);
  if (rule?.charge && isEmpty(line, run)) return rule.when_empty ?? 'receive_only';
  if (rule) return rule.stage;
  // Sentence 12: while the clock runs on paid charges, unless they are the ordinary course.
  const bought = run.boughtFrom !== null && line.day >= run.boughtFrom;
  return bought && run.end !== null && line.day <= run.end ? 'fee_running' : null;
}

/**
 * Sentence 8: with no clock started, the stage is unknown. A clock without stages and charges does not count; a levy
 * counts as started once the balance has been seen.
 */
function isStarted(line: Line): boolean {
  for (const { clock } of line.runs.values()) if (clock.ended?.length || clock.charge) return true;
  const hasLevy = () => clocksOf(line).some(([, { charge }]) => charge && !charge.at_end);
  return line.balance !== null && hasLevy();
}

/** Sentence 20: the gravest among the certain stages of all clocks. */
export function stageByClocks(line: Line): Stage {
  let gravest: Stage = isStarted(line) ? 'active' : 'unknown';
  for (const run of line.runs.values()) {
    const stage = stageOf(line, run);
    if (stage && gravity(stage) > gravity(gravest)) gravest = stage;
  }
  return gravest;
}

/**
 * A `status` record wins until the next record, or until the clocks bring a stage graver than both it and theirs then.
 */
export function stageOfLine(line: Line): Stage {
  const byClocks = stageByClocks(line);
  if (line.status === null) return byClocks;
  const { stage, over } = line.status;
  if (gravity(byClocks) <= Math.max(gravity(stage), gravity(over))) return stage;
  line.status = null;
  return byClocks;
}
