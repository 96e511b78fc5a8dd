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
Starts the service that the environment describes, and ends it cleanly on Ctrl-C or SIGTERM. The variables, with what
holds where they are unset:

  HOST                127.0.0.1
  PORT                3000
  DATABASE_URL        sqlite:data/keepline.db, or postgres://…
  PROOFS_URL          file:data/proofs, or s3://…
  RULES_DIR           rules
  PUBLIC_URL          where people reach the service, as https://keepline.example.org
  TRUST_PROXY         the addresses of proxies whose X-Forwarded-For is believed, as loopback or 10.0.0.0/8
  LOG_LEVEL           info; fatal, error, warn, debug, trace, silent
  SILENT_AFTER_DAYS   3; without a fetch for so long a feed counts as silent, and its owner's other feeds say so
  FEED_GZIP           on; off sends calendars uncompressed to everybody
  KEEPLINE_ADMIN_KEY  32 characters or more; made at the first start and printed once
  KEEPLINE_SECRET     32 characters or more; made and kept in the database

On SIGHUP, as on POST /v1/rules/reload, it reads the rules anew without a stop. Rules that fail their check, or lack one
that lines are under, are not loaded: those that run stay, the log says file:line:column, and /readyz that they are stale.

/docs explains the API, /healthz, /readyz and /metrics are for whoever watches over it.`,
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
