/** `demo`: the service with the example's people, and their subscribe links. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, readConfig } from '../../config.ts';
import { type Service, startService } from '../../start.ts';
import type { Call, Command, Environment } from '../command.ts';
import { adminKey, loadPeople } from '../demo/load.ts';
import { printDemo } from '../demo/print.ts';
import { rulesFolder } from '../rulebook.ts';

type DemoSetup = { config: Config; isFresh: boolean; remove: () => Promise<void> };

/** The configuration, with a temporary database and proofs folder if the environment names none, and log level warn. */
async function demoSetup(env: Environment): Promise<DemoSetup> {
  readConfig(env);
  const rules = await rulesFolder(env);
  const folder = await mkdtemp(join(tmpdir(), 'keepline-demo-'));
  const config = readConfig({
    ...env,
    RULES_DIR: rules,
    DATABASE_URL: env.DATABASE_URL || `sqlite:${join(folder, 'keepline.db')}`,
    PROOFS_URL: env.PROOFS_URL || `file:${join(folder, 'proofs')}`,
    LOG_LEVEL: env.LOG_LEVEL || 'warn',
  });
  return { config, isFresh: !env.DATABASE_URL, remove: () => rm(folder, { recursive: true, force: true }) };
}

async function runService(call: Call, { config, isFresh }: DemoSetup): Promise<void> {
  // Registered first, so that a signal during the start is not lost.
  const stopped = call.untilStopped();
  let printed = '';
  const print = (text: string) => {
    printed += text;
  };
  const service: Service = await startService(config, { clock: call.now, print });
  try {
    await service.listen();
    const key = await adminKey(service.app, /klk_[\w-]+/.exec(printed)?.[0]);
    await printDemo(call, service, { key, isFresh, people: await loadPeople(service, key) });
    await stopped;
  } finally {
    await service.close();
  }
}

export const demo: Command = {
  name: 'demo',
  takes: '',
  summary: 'Start the service with three example people and print their calendar links.',
  help: `
Starts the service on a fresh database in a temporary folder, imports the people of
examples/records.yaml, whose dates are counted from today, and prints each one's subscribe
links, what is due, and an API key. Ctrl-C ends it, and
the database with it.

The environment applies as for "keepline serve": with DATABASE_URL the people are imported
into that database and stay there, and only their own lines are replaced. LOG_LEVEL defaults
to warn.`,
  examples: [
    'keepline demo',
    'PORT=8080 keepline demo',
    'HOST=0.0.0.0 PUBLIC_URL=https://demo.example.org keepline demo',
  ],
  options: {},
  async run(call) {
    const setup = await demoSetup(call.env);
    try {
      await runService(call, setup);
    } finally {
      await setup.remove();
    }
    if (setup.isFresh) call.print('Stopped; the demo’s database is gone.');
    else call.print('Stopped.');
    return 0;
  },
};
