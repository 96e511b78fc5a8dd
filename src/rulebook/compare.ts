/** Compares a timeline with what an example says it gives. */
import { formatDayOrNull, type StageEntry, type Timeline } from '../retention/index.ts';
import type { Finding } from './problem.ts';
import type { Example } from './schema.ts';

type Gives = Example['gives'];
type ExpectedStage = NonNullable<Gives['stages']>[number];

const nullAsText = (value: string | null): string => value ?? 'null';

const mismatch = (expected: string | null, got: string | null): string =>
  `Expected ${nullAsText(expected)}, got ${nullAsText(got)}.`;

const expectedForm = (entry: StageEntry): Required<ExpectedStage> => ({
  stage: entry.stage,
  from: formatDayOrNull(entry.from),
  latest_from: formatDayOrNull(entry.latest_from),
  certainty: entry.certainty,
});

const describeStage = ({ stage, from, latest_from, certainty }: Required<ExpectedStage>): string =>
  `${stage}${certainty === 'may' ? ' (may)' : ''} from ${nullAsText(from)}${latest_from === from ? '' : `, latest ${nullAsText(latest_from)}`}`;

/** The expected stages must occur in the timeline, in this order, each with every field that is given for it. */
function compareStages(expected: readonly ExpectedStage[], entries: readonly StageEntry[]): Finding[] {
  const findings: Finding[] = [];
  const stages = entries.map(expectedForm);
  let next = 0;
  for (const [index, expectedStage] of expected.entries()) {
    const fields = Object.keys(expectedStage) as (keyof ExpectedStage)[];
    const differingFields = (got: Required<ExpectedStage>) =>
      fields.filter((field) => expectedStage[field] !== got[field]);
    const at = stages.findIndex((got, place) => place >= next && differingFields(got).length === 0);
    if (at >= 0) {
      next = at + 1;
      continue;
    }
    const nearest = stages
      .slice(next)
      .filter(({ stage }) => stage === expectedStage.stage)
      .sort((a, b) => differingFields(a).length - differingFields(b).length)[0];
    if (!nearest) {
      const all = stages.map(describeStage).join('; ') || 'none';
      const message = `Expected the stage ${expectedStage.stage}, and it does not follow here. The stages are: ${all}.`;
      findings.push({ path: ['stages', index, 'stage'], message });
    }
    for (const field of nearest ? differingFields(nearest) : []) {
      const message = mismatch(expectedStage[field] ?? null, nearest![field]);
      findings.push({ path: ['stages', index, field], message });
    }
  }
  return findings;
}

/** Every field of `gives` that differs from the timeline, by its path within `gives`. */
export function compare(gives: Gives, timeline: Timeline): Finding[] {
  const findings: Finding[] = [];
  const check = (path: Finding['path'], expected: string | null | undefined, got: string | null) => {
    if (expected !== undefined && expected !== got) findings.push({ path, message: mismatch(expected, got) });
  };
  check(['stage'], gives.stage, timeline.stage);
  for (const field of ['act_by', 'at_risk_since', 'lost_on', 'latest_lost_on'] as const) {
    check([field], gives[field], formatDayOrNull(timeline[field]));
  }
  for (const [name, expected] of Object.entries(gives.clocks ?? {})) {
    const clock = timeline.clocks.find((state) => state.clock === name);
    check(['clocks', name], expected, formatDayOrNull(clock?.ends ?? null));
  }
  if (gives.missing) {
    const list = (names: readonly string[]) => `[${[...new Set(names)].sort().join(', ')}]`;
    check(['missing'], list(gives.missing), list(timeline.missing.map(({ name }) => name)));
  }
  return [...findings, ...compareStages(gives.stages ?? [], timeline.stages)];
}
