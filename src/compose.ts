/** Composes the service's parts, which routes and commands use, around the running rules. */
import type { App } from './service/context.ts';
import { createEdgeKeeper } from './service/edges.ts';
import { createRenewal } from './service/renewal.ts';
import { createRunningRules, type Edition } from './service/rules.ts';

/** `config.rulesDir` is the folder that a reload reads. */
export function composeApp(
  parts: Omit<App, 'rulebook' | 'release' | 'rules' | 'edges' | 'renewal'>,
  first: Edition,
  options: { fewCalendars?: number } = {},
): App {
  const { config, store, clock, log } = parts;
  const rules = createRunningRules(first, {
    folder: config.rulesDir,
    store,
    clock,
    log,
    onReplaced(before, after, changes) {
      const changed = new Set(changes.map(({ rule }) => rule));
      const same = [...after.rulebook.rules.keys()].filter((rule) => !changed.has(rule));
      const follow = async () => {
        // First, since until then each fetch has to publish its feed.
        await app.renewal.start();
        await app.edges.carry(before.release, after.release, same);
        await app.renewal.startForLines();
        if (!app.renewal.isUnderWay()) await app.edges.waitUntilFresh(null);
      };
      follow().catch((error: unknown) => {
        log.warn({ err: error }, 'dates could not be computed again; tried again hourly or when asked for');
      });
    },
  });
  const app: App = {
    ...parts,
    rules,
    get rulebook() {
      return rules.edition().rulebook;
    },
    get release() {
      return rules.edition().release;
    },
    edges: createEdgeKeeper(() => app),
    renewal: createRenewal(() => app, options.fewCalendars),
  };
  return app;
}
