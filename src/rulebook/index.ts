/**
 * The rulebook: a folder of YAML, one file per carrier, made into checked and compiled rules, or into errors with
 * file, line and column. The one part of the core that reads files; it knows nothing of people, calendars or HTTP.
 */
export { readCandidate } from './candidate.ts';
export { type RuleChange, ruleChanges } from './changes.ts';
export { type CheckReport, checkRulebook } from './check.ts';
export { type BookedRule, loadRulebook, type Overlay, type Rulebook } from './load.ts';
export { type Problem, printProblem } from './problem.ts';
