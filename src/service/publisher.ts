import { linksTo } from '../config.ts';
import { createPublisher, type Publisher, type PublisherContext } from '../publication/index.ts';
import type { App } from './context.ts';

/** A publisher that uses the rules that are running when it is called. */
export const publisherOf = (app: App, tell?: PublisherContext['onOutcome']): Publisher =>
  createPublisher({
    onOutcome: tell,
    store: app.store,
    secret: app.secret,
    site: app.config.publicUrl,
    linksTo: linksTo(app.config),
    get rulebook() {
      return app.rulebook;
    },
    get release() {
      return app.release;
    },
  });
