/** All commands, in the order in which the help lists them. */
import type { Command } from './command.ts';
import { demo } from './commands/demo.ts';
import { exportCommand } from './commands/export.ts';
import { feedCommand } from './commands/feed.ts';
import { importCommand } from './commands/import.ts';
import { keysCreate, keysList, keysRevoke } from './commands/keys.ts';
import { planCommand } from './commands/plan.ts';
import { publishCommand } from './commands/publish.ts';
import { rulesCheck } from './commands/rules-check.ts';
import { rulesDiff } from './commands/rules-diff.ts';
import { serve } from './commands/serve.ts';
import { timelineCommand } from './commands/timeline.ts';

export const commands: readonly Command[] = [
  demo,
  serve,
  timelineCommand,
  planCommand,
  feedCommand,
  importCommand,
  exportCommand,
  publishCommand,
  keysList,
  keysCreate,
  keysRevoke,
  rulesCheck,
  rulesDiff,
];
