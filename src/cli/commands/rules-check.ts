/** `rules check`: loads the rules, cross-checks them, runs every worked example. */
import { DAY } from '../../lib/durations.ts';
import { type CheckReport, checkRulebook, printProblem } from '../../rulebook/index.ts';
import { type Call, type Command, JSON_OPTION } from '../command.ts';
import { countOf } from '../count.ts';
import { progressBar } from '../progress.ts';
import { requireFolder, rulesFolder } from '../rulebook.ts';
import { table } from '../table.ts';

/** How old a source is, in words: days up to two months, then months up to two years, then years. */
function age(date: string | null, now: Date): string {
  if (date === null) return 'undated';
  const days = Math.max(0, Math.floor((now.getTime() - Date.parse(date)) / DAY));
  if (days < 60) return `${countOf(days, 'day')} old`;
  return days < 730 ? `${Math.floor(days / 30.44)} months old` : `${Math.floor(days / 365.25)} years old`;
}

function printReport(call: Call, report: CheckReport): void {
  const { print } = call;
  for (const problem of report.problems) print(printProblem(problem));
  for (const warning of report.warnings) print(`warning: ${printProblem(warning)}`);
  if (report.problems.length + report.warnings.length > 0) print();
  const rows = report.perRule.map((rule) => [
    rule.id,
    countOf(rule.versions, 'version'),
    countOf(rule.facts, 'fact'),
    `${countOf(rule.sources, 'source')}, the newest ${age(rule.newest_source, call.now())}`,
    `${rule.passed} of ${countOf(rule.examples, 'example')} pass`,
  ]);
  for (const line of table(rows, '')) print(line);
  if (rows.length > 0) print();
  const { carriers, rules, facts, sources, examples, passed, problems, warnings } = report;
  print(
    `${countOf(carriers, 'carrier')}, ${countOf(rules, 'rule')}, ${countOf(facts, 'fact')} with ${countOf(sources, 'source')}; ` +
      `${passed} of ${countOf(examples, 'example')} pass; ${countOf(problems.length, 'problem')}, ${countOf(warnings.length, 'warning')}.`,
  );
}

export const rulesCheck: Command = {
  name: 'rules check',
  takes: '[DIR]',
  summary: 'Check carriers’ rules and run their worked examples.',
  help: `
Reads every <country>/<carrier>.yaml of the folder DIR (RULES_DIR, or "rules", if it is left out), checks it against
the rule language, and runs each worked example in it: records in, dates out. All problems are reported as file:line:column: what is wrong, and what is
allowed there. Warnings, such as old sources, do not fail the check.

Exit codes: 0, no problems; 1, problems; 2, there is no such folder.`,
  examples: [
    'keepline rules check',
    'keepline rules check my-rules',
    'keepline rules check --json | jq .perRule',
  ],
  options: { json: JSON_OPTION },
  async run(call) {
    const [given] = call.positionals;
    const folder = given === undefined ? await rulesFolder(call.env) : await requireFolder(given);
    const bar = progressBar(call, 'of the examples');
    const report = await checkRulebook(folder, { onProgress: bar.step, today: call.now() });
    bar.end();
    if (call.flag('json')) call.print(JSON.stringify(report, null, 2));
    else printReport(call, report);
    return report.problems.length > 0 ? 1 : 0;
  },
};
