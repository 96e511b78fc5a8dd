import { Gauge } from 'prom-client';
import type { App } from '../service/context.ts';
import type { Metrics } from './metrics.ts';

/** Registers a gauge of all users' silent feeds, as noted by the hourly housekeeping. */
export function registerSilenceGauge({ store, log }: App, { registry }: Metrics) {
  new Gauge({
    name: 'keepline_silent_feeds',
    help: 'Feeds that no calendar has fetched for SILENT_AFTER_DAYS.',
    registers: [registry],
    async collect() {
      try {
        this.set(await store.silences.count());
      } catch (error) {
        // The other metrics must still be served when the database does not answer.
        log.warn({ err: error }, 'silent feeds could not be counted');
      }
    },
  });
}
