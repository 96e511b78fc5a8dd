/** Previews which dates other rules would move, and reloads the rules. */
import { mutex } from '../lib/mutex.ts';
import { affectedRules, storedMoves } from '../moves/stored.ts';
import { type Overlay, type Problem as RuleProblem, readCandidate } from '../rulebook/index.ts';
import type { App } from '../service/context.ts';
import { MAX_ERRORS } from '../service/refusal.ts';
import { withRelativePaths } from '../service/rules.ts';
import { EVERYBODY } from '../store/idempotency.ts';
import { answerUnstored } from './change.ts';
import { type FieldError, invalid, Problem } from './errors.ts';
import { Candidate, Preview, ReloadedRules } from './rules-schemas.ts';
import { responses } from './schemas.ts';
import type { Server } from './server.ts';

const DEFAULT_MOVES = 20;
/** Room for some hundred rule files. */
const MAX_BYTES = 8_000_000;

type File = { path: string; text: string | null };

function overlayOf(files: readonly File[]): Overlay {
  const paths = files.map(({ path }) => path);
  const duplicate = paths.findIndex((path, index) => paths.indexOf(path) !== index);
  if (duplicate >= 0) {
    const detail = 'An earlier item has the same path.';
    throw invalid({ pointer: `/files/${duplicate}/path`, detail, mend: 'Send each file once.' });
  }
  return new Map(files.map(({ path, text }) => [path, text]));
}

/**
 * Problems of rule files as errors, each with its file, line and column, and a pointer if the file was in the request.
 */
function rulesRefused(problems: readonly RuleProblem[], files: readonly File[] = []): Problem {
  const errors = problems.slice(0, MAX_ERRORS).map(({ file, line, column, message }): FieldError => {
    const sent = files.findIndex(({ path }) => path === file);
    const pointer = sent < 0 ? '' : `/files/${sent}/text`;
    return {
      pointer,
      detail: `${file}:${line}:${column}: ${message}`,
      mend: `Correct line ${line} of ${file}.`,
    };
  });
  return new Problem('rules_refused', errors, { extensions: { problems: problems.length } });
}

export function ruleReload(app: App, server: Server) {
  // A preview holds whole rulebooks and folds every line of the rules that differ, so only one runs at a time.
  const exclusively = mutex();

  server.post(
    '/rules/preview',
    {
      config: { scope: 'admin' },
      bodyLimit: MAX_BYTES,
      schema: {
        operationId: 'previewRules',
        tags: ['Rulebook'],
        summary: 'Preview whose dates changed rules would move',
        description:
          'Checks the rules folder with the given files laid over it, worked examples included, and folds ' +
          'every stored line whose rule differs from the running one. Without files it shows what a reload ' +
          'would do. Stores nothing. Rules that fail their check are refused (422), each problem with file, ' +
          'line and column.',
        body: Candidate,
        response: responses({ 200: Preview }),
      },
    },
    async (request, reply) => {
      const { files, limit = DEFAULT_MOVES } = request.body;
      const overlay = overlayOf(files);
      const { rulesDir } = app.config;
      const body = await exclusively(async () => {
        const before = app.rulebook;
        const { rulebook: after, problems } = await readCandidate(rulesDir, { overlay, running: before });
        if (problems.length > 0) throw rulesRefused(withRelativePaths(rulesDir, problems), files);
        const books = { before, after };
        const rules = await affectedRules(app.store, books);
        const { tally, gravest } = await storedMoves(app.store, books, { now: app.clock(), limit });
        return { digest: after.digest, rules, ...tally, gravest };
      });
      return answerUnstored(app, request, reply, { body, about: { user: EVERYBODY } });
    },
  );

  server.post(
    '/rules/reload',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'reloadRules',
        tags: ['Rulebook'],
        summary: 'Reload the rules',
        description:
          'Reloads the rules folder of this process without a stop, as SIGHUP does; each node must be told ' +
          'separately. If the rules fail their check, or lack one that lines use, they are refused (422) and ' +
          'the running rules stay. Calendars, timelines and deadlines follow from the answer on.',
        response: responses({ 200: ReloadedRules }),
      },
    },
    async (request, reply) => {
      const outcome = await app.rules.reload();
      if (!outcome.loaded) throw rulesRefused(outcome.problems);
      const body = { digest: outcome.digest, rules: outcome.changes };
      return answerUnstored(app, request, reply, { body, about: { user: EVERYBODY } });
    },
  );
}
