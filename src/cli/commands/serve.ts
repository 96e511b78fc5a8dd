/** `serve`: runs the service, as `npm start` does. */
import { readConfig } from '../../config.ts';
import { startService } from '../../start.ts';
import type { Command } from '../command.ts';
import { rulesFolder } from '../rulebook.ts';

export const serve: Command = {
  name: 'serve',
  takes: '',
  summary: 'Serve calendars and the REST API, until stopped.',
  help: `
Starts the service with the settings in the environment; Ctrl-C or SIGTERM ends it cleanly.
The variables, with their defaults:

  HOST                127.0.0.1
  PORT                3000
  DATABASE_URL        sqlite:data/keepline.db, or postgres://…
  PROOFS_URL          file:data/proofs, or s3://…
  RULES_DIR           rules
  PUBLIC_URL          the address that people reach, such as https://keepline.example.org
  TRUST_PROXY         proxies whose X-Forwarded-For is believed, such as loopback or 10.0.0.0/8
  LOG_LEVEL           info; fatal, error, warn, debug, trace, silent
  SILENT_AFTER_DAYS   3; after this many days without a fetch a feed is silent, and its owner's other feeds say so
  FEED_GZIP           on; off sends calendars uncompressed to everybody
  KEEPLINE_ADMIN_KEY  32 characters or more; generated at the first start and printed once
  KEEPLINE_SECRET     32 characters or more; generated, and kept in the database

SIGHUP reloads the rules without a stop, as POST /v1/rules/reload does. Rules that fail their
check, or lack one that lines use, are not loaded: the running rules stay, the log says
file:line:column, and /readyz says that they are stale.

/docs explains the API; /healthz, /readyz and /metrics are for monitoring.`,
  examples: ['keepline serve', 'PORT=8080 PUBLIC_URL=https://keepline.example.org keepline serve'],
  options: {},
  async run({ env, now, stdout, untilStopped, onHangUp }) {
    // Registered first, so that a signal during the start is not lost.
    const stopped = untilStopped();
    const config = { ...readConfig(env), rulesDir: await rulesFolder(env) };
    const print = (text: string) => void stdout.write(text);
    const service = await startService(config, { clock: now, print, onHangUp });
    try {
      service.app.log.info({ address: await service.listen() }, 'listening');
      await stopped;
    } finally {
      await service.close();
    }
    return 0;
  },
};
