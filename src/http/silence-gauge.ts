import { Gauge } from 'prom-client';
import type { App } from '../service/context.ts';
import type { Metrics } from './metrics.ts';

/** How many feeds nobody fetches any more, as the hourly housekeeping has noted them; everybody's. */
export function gaugeSilence({ store, log }: App, { registry }: Metrics) {
  new Gauge({
    name: 'keepline_silent_feeds',
    help: 'Feeds that no calendar has fetched for SILENT_AFTER_DAYS.',
    registers: [registry],
    async collect() {
      try {
        this.set(await store.silences.count());
      } catch (error) {
        // The other metrics are wanted most when the database does not answer.
        log.warn({ err: error }, 'silent feeds could not be counted');
      }
    },
  });
}
