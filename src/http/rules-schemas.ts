/** What is sent and told about rules that are to take the place of those that run. */
import { Type } from 'typebox';
import { LocalDate } from '../retention/record.ts';
import { Id, nullable, RuleId, strictObject } from './schemas.ts';

/** No rule file is longer. */
const MAX_CHARACTERS = 250_000;

const CandidateFile = strictObject(
  {
    path: Type.String({
      pattern: '^[a-z]{2}/[a-z0-9][a-z0-9-]{0,39}\\.yaml$',
      description: 'Its place in the rules folder, as `gb/acme.yaml`.',
    }),
    text: nullable(Type.String({ maxLength: MAX_CHARACTERS }), {
      description: 'The whole file; null, to suppose that it is taken away.',
    }),
  },
  { $id: 'CandidateFile' },
);

export const Candidate = strictObject(
  {
    files: Type.Array(CandidateFile, {
      maxItems: 200,
      description:
        'Laid over the rules folder as it is on disk now. A file that is absent here stays as it is there.',
    }),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 200, description: 'How many of the gravest moves to list; 20.' }),
    ),
  },
  { $id: 'CandidateRules' },
);

const change = { rule: RuleId, state: Type.Enum(['added', 'removed', 'changed']) };
const RuleChange = strictObject(change, { $id: 'RuleChange' });
const TouchedRule = strictObject(
  { ...change, lines: Type.Integer({ description: 'How many lines are under it.' }) },
  { $id: 'TouchedRule' },
);

const MovedDate = strictObject(
  {
    before: nullable(LocalDate),
    after: nullable(LocalDate),
    days: nullable(Type.Integer(), { description: 'How many days later; negative for earlier.' }),
    direction: nullable(Type.Enum(['nearer', 'further', 'appears', 'vanishes']), {
      description: 'Null where it stays.',
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
    digest: Type.String({ description: 'Of the rules as they would be.' }),
    rules: Type.Array(TouchedRule, {
      description: 'Whose dates may differ. A reload refuses to remove a rule that lines are under.',
    }),
    lines: Type.Integer({ description: 'Lines under these rules; no other line can move.' }),
    moved: Type.Integer({ description: 'Lines of which one of the two dates moves.' }),
    act_by: Counted,
    lost_on: Counted,
    gravest: Type.Array(
      strictObject(
        { line: Id, user: Id, rule: RuleId, act_by: MovedDate, lost_on: MovedDate },
        { $id: 'Move' },
      ),
      {
        description:
          'By the last safe day: those that come nearer first, the nearest of them foremost; then those that appear, vanish, move further.',
      },
    ),
  },
  { $id: 'RulesPreview' },
);

export const ReloadedRules = strictObject(
  {
    digest: Type.String({ description: 'Of the rules that run now.' }),
    rules: Type.Array(RuleChange, { description: 'Whose dates may differ now.' }),
  },
  { $id: 'ReloadedRules' },
);
