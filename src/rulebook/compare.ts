/** A timeline against what an example says it gives. */
import { formatDayOrNull, type StageEntry, type Timeline } from '../retention/index.ts';
import type { Finding } from './problem.ts';
import type { Example } from './schema.ts';

type Gives = Example['gives'];
type ExpectedStage = NonNullable<Gives['stages']>[number];

const said = (value: string | null): string => value ?? 'null';

const differs = (expected: string | null, got: string | null): string =>
  `Expected ${said(expected)}, got ${said(got)}.`;

const asStage = (entry: StageEntry): Required<ExpectedStage> => ({
  stage: entry.stage,
  from: formatDayOrNull(entry.from),
  latest_from: formatDayOrNull(entry.latest_from),
  certainty: entry.certainty,
});

const inWords = ({ stage, from, latest_from, certainty }: Required<ExpectedStage>): string =>
  `${stage}${certainty === 'may' ? ' (may)' : ''} from ${said(from)}${latest_from === from ? '' : `, latest ${said(latest_from)}`}`;

/** The expected stages must be among those of the timeline, in this order, each with all that is said of it. */
function compareStages(expected: readonly ExpectedStage[], entries: readonly StageEntry[]): Finding[] {
  const findings: Finding[] = [];
  const stages = entries.map(asStage);
  let next = 0;
  for (const [index, wanted] of expected.entries()) {
    const fields = Object.keys(wanted) as (keyof ExpectedStage)[];
    const wrong = (got: Required<ExpectedStage>) => fields.filter((field) => wanted[field] !== got[field]);
    const at = stages.findIndex((got, place) => place >= next && wrong(got).length === 0);
    if (at >= 0) {
      next = at + 1;
      continue;
    }
    const nearest = stages
      .slice(next)
      .filter(({ stage }) => stage === wanted.stage)
      .sort((a, b) => wrong(a).length - wrong(b).length)[0];
    if (!nearest) {
      const all = stages.map(inWords).join('; ') || 'none';
      const message = `Expected the stage ${wanted.stage}, and it does not follow here. The stages are: ${all}.`;
      findings.push({ path: ['stages', index, 'stage'], message });
    }
    for (const field of nearest ? wrong(nearest) : []) {
      const message = differs(wanted[field] ?? null, nearest![field]);
      findings.push({ path: ['stages', index, field], message });
    }
  }
  return findings;
}

/** Every field of `gives` that the timeline answers otherwise, by its path within `gives`. */
export function compare(gives: Gives, timeline: Timeline): Finding[] {
  const findings: Finding[] = [];
  const same = (path: Finding['path'], expected: string | null | undefined, got: string | null) => {
    if (expected !== undefined && expected !== got) findings.push({ path, message: differs(expected, got) });
  };
  same(['stage'], gives.stage, timeline.stage);
  for (const field of ['act_by', 'at_risk_since', 'lost_on', 'latest_lost_on'] as const) {
    same([field], gives[field], formatDayOrNull(timeline[field]));
  }
  for (const [name, expected] of Object.entries(gives.clocks ?? {})) {
    const clock = timeline.clocks.find((state) => state.clock === name);
    same(['clocks', name], expected, formatDayOrNull(clock?.ends ?? null));
  }
  if (gives.missing) {
    const list = (names: readonly string[]) => `[${[...new Set(names)].sort().join(', ')}]`;
    same(['missing'], list(gives.missing), list(timeline.missing.map(({ name }) => name)));
  }
  return [...findings, ...compareStages(gives.stages ?? [], timeline.stages)];
}
