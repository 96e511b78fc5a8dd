/** JSON schemas for the preview and reload of rules. */
import { Type } from 'typebox';
import { LocalDate } from '../retention/record.ts';
import { Id, nullable, RuleId, strictObject } from '../schemas/shapes.ts';

/** The longest rule file that a preview accepts. */
const MAX_CHARACTERS = 250_000;

const CandidateFile = strictObject(
  {
    path: Type.String({
      pattern: '^[a-z]{2}/[a-z0-9][a-z0-9-]{0,39}\\.yaml$',
      description: 'The path within the rules folder: `gb/acme.yaml`.',
    }),
    text: nullable(Type.String({ maxLength: MAX_CHARACTERS }), {
      description: 'The whole file; null to suppose that it is removed.',
    }),
  },
  { $id: 'CandidateFile' },
);

export const Candidate = strictObject(
  {
    files: Type.Array(CandidateFile, {
      maxItems: 200,
      description: 'Files to lay over the rules folder as it is on disk. All other files stay as they are.',
    }),
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 200,
        description: 'How many of the gravest moves to list. Default: 20.',
      }),
    ),
  },
  { $id: 'CandidateRules' },
);

const change = { rule: RuleId, state: Type.Enum(['added', 'removed', 'changed']) };
const RuleChange = strictObject(change, { $id: 'RuleChange' });
const TouchedRule = strictObject(
  { ...change, lines: Type.Integer({ description: 'How many lines use it.' }) },
  { $id: 'TouchedRule' },
);

const MovedDate = strictObject(
  {
    before: nullable(LocalDate),
    after: nullable(LocalDate),
    days: nullable(Type.Integer(), { description: 'By how many days it is later; negative for earlier.' }),
    direction: nullable(Type.Enum(['nearer', 'further', 'appears', 'vanishes']), {
      description: 'Null if it does not move.',
    }),
  },
  { $id: 'MovedDate' },
);
const Counted = strictObject(
  {
    nearer: Type.Integer(),
    further: Type.Integer(),
    appears: Type.Integer(),
    vanishes: Type.Integer(),
  },
  { $id: 'MoveCounts' },
);

export const Preview = strictObject(
  {
    digest: Type.String({ description: 'The digest of the rules as they would be.' }),
    rules: Type.Array(TouchedRule, {
      description: 'Rules whose dates may differ. A reload refuses to remove a rule that lines use.',
    }),
    lines: Type.Integer({ description: 'Lines that use these rules; no other line can move.' }),
    moved: Type.Integer({ description: 'Lines for which at least one of the two dates moves.' }),
    act_by: Counted,
    lost_on: Counted,
    gravest: Type.Array(
      strictObject(
        { line: Id, user: Id, rule: RuleId, act_by: MovedDate, lost_on: MovedDate },
        { $id: 'Move' },
      ),
      {
        description:
          'Sorted by the last safe day: dates that come nearer, the nearest first; then dates that appear, ' +
          'vanish, or move further away.',
      },
    ),
  },
  { $id: 'RulesPreview' },
);

export const ReloadedRules = strictObject(
  {
    digest: Type.String({ description: 'The digest of the running rules.' }),
    rules: Type.Array(RuleChange, { description: 'Rules whose dates may have changed.' }),
  },
  { $id: 'ReloadedRules' },
);
