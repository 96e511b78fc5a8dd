/** `publish`: republishes the calendars that were made by older rules. */

import { renewPublications } from '../../publication/index.ts';
import { publisherOf } from '../../service/publisher.ts';
import { type Command, Failure } from '../command.ts';
import { countOf } from '../count.ts';
import { openApp } from '../open.ts';
import { progressBar } from '../progress.ts';

export const publishCommand: Command = {
  name: 'publish',
  takes: '',
  summary: 'Rebuild calendars that older rules have built.',
  help: `
Rebuilds every calendar of the database in DATABASE_URL that was built by older rules or an
older Keepline, so that nobody who fetches one has to wait, and the dates by which
GET /v1/deadlines finds lines. A service does so by itself when many are stale; before a new
version takes over, this does it ahead. The service may keep running; breaking it off and
starting again does no harm.`,
  examples: ['keepline publish'],
  options: {
    rules: { type: 'string', value: 'DIGEST', text: 'Run only if the rules in RULES_DIR have this digest.' },
  },
  async run(call) {
    const requiredDigest = call.text('rules');
    const { app, close } = await openApp(call, ({ digest }) => {
      if (requiredDigest !== undefined && digest !== requiredDigest) {
        throw new Failure('the rules have another digest: leave out --rules, or reload the rules.');
      }
    });
    const progress = progressBar(call, 'calendars are published');
    const stopping = new AbortController();
    // Also ends with the service that started it: if that is killed, the next service starts a new one.
    Promise.race([call.untilStopped(), call.untilAlone()]).then(() => {
      stopping.abort();
      return app.edges.stop();
    });
    try {
      const { store, release } = app;
      const all = await store.publications.countBehind(release, call.now().toISOString());
      let failures = 0;
      const done = await renewPublications(
        { store, release, publish: publisherOf(app) },
        {
          now: call.now,
          signal: stopping.signal,
          step: (done) => progress.step(done, all),
          failed(feed, error) {
            failures += 1;
            call.complain(`keepline: ${feed} could not be published: ${(error as Error).message}`);
          },
        },
      );
      progress.end();
      if (!stopping.signal.aborted) await app.edges.waitUntilFresh(null);
      call.print(`${countOf(done, 'calendar')} rebuilt.`);
      return failures > 0 || stopping.signal.aborted ? 1 : 0;
    } finally {
      progress.end();
      await close();
    }
  },
};
