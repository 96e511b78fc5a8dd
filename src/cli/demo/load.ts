/** Loads the example's people into the running service, each with a feed. */
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { SubscribeLinks } from '../../calendar/index.ts';
import { importNdjson } from '../../imports/index.ts';
import { newApiKey } from '../../secret.ts';
import type { App } from '../../service/context.ts';
import type { Service } from '../../start.ts';
import { digest } from '../../store/digest.ts';
import type { User } from '../../store/types.ts';
import { Failure } from '../command.ts';
import { terminalMend } from '../mend.ts';
import { type Person, readPeople } from '../people/index.ts';

export type DemoPerson = { user: User; links: SubscribeLinks };

const EXAMPLE = fileURLToPath(new URL('../../../examples/records.yaml', import.meta.url));
const CALENDAR = { en: 'My numbers', ru: 'Мои номера', zh: '我的号码' } as const;

/** The admin key made at the first start; if that was earlier, a new one. */
export async function adminKey(app: App, first: string | undefined): Promise<string> {
  if (first) return first;
  const key = newApiKey();
  const made = { user: null, scope: 'admin', name: 'demo', digest: digest(key) } as const;
  await app.store.write(null, (q) => q.keys.create(made));
  return key;
}

/** Erases the lines of an earlier demo on this database: the example's dates are relative to today and have moved. */
async function clear({ store }: App, { user, lines }: Person): Promise<void> {
  const present = await store.users.byExternalId(user.external_id as string);
  if (!present) return;
  await store.write(present.id, async (q) => {
    for (const { line } of lines) {
      const old = await q.lines.byExternalId(present.id, line.external_id as string);
      if (old) await q.lines.erase(old.id);
    }
  });
}

async function makeFeed({ server }: Service, key: string, user: User): Promise<SubscribeLinks> {
  const answer = await server.inject({
    method: 'POST',
    url: `/v1/users/${user.id}/feeds`,
    headers: { authorization: `Bearer ${key}` },
    payload: { name: CALENDAR[user.locale] },
  });
  if (answer.statusCode !== 201) throw new Failure(`a feed could not be made: ${answer.body}`);
  return (answer.json() as { urls: SubscribeLinks }).urls;
}

/** Imports the example, and returns its people with the addresses of their feeds. */
export async function loadPeople(service: Service, key: string): Promise<DemoPerson[]> {
  const { app } = service;
  const file = { file: EXAMPLE, stdin: Readable.from([]) };
  const { people, rows } = await readPeople(file, app.rulebook, { now: app.clock() });
  for (const person of people) await clear(app, person);
  const lines = rows.map(({ value }) => Buffer.from(`${JSON.stringify(value)}\n`));
  const { errors } = await importNdjson(app, null, Readable.from(lines));
  if (errors.length > 0)
    throw new Failure(errors.map(({ detail, mend }) => `${detail} ${terminalMend(mend)}`).join('\n'));
  const loaded: DemoPerson[] = [];
  for (const { user } of people) {
    const kept = (await app.store.users.byExternalId(user.external_id as string)) as User;
    loaded.push({ user: kept, links: await makeFeed(service, key, kept) });
  }
  return loaded;
}
