/** `keys`: creates, lists and revokes API keys, beside a running service or before its first start. */
import { newApiKey } from '../../secret.ts';
import { digest } from '../../store/digest.ts';
import type { Key, Page, PageRequest, Position, Store, User } from '../../store/types.ts';
import { type Call, type Command, Failure, JSON_OPTION, UsageError } from '../command.ts';
import { findUser } from '../find-user.ts';
import { withApp } from '../open.ts';
import { table } from '../table.ts';
import { choiceOf, readMoment } from '../values.ts';

const USER_OPTION = {
  type: 'string',
  value: 'USER',
  text: 'The person whose key it is, by id or external_id. Default: an admin key.',
} as const;

const LIST_USER_OPTION = {
  ...USER_OPTION,
  text: 'The person whose keys to list, by id or external_id. Default: the admin keys.',
} as const;

const userOf = async (store: Store, name: string | undefined): Promise<User | null> =>
  name === undefined ? null : findUser(store, name);

async function keysOf(store: Store, user: User | null): Promise<Key[]> {
  const keys: Key[] = [];
  let after: Position | null = null;
  do {
    const page: PageRequest = { limit: 200, after };
    const { items, next }: Page<Key> = await (user
      ? store.keys.list(user.id, page)
      : store.keys.listAdmin(page));
    keys.push(...items);
    after = next;
  } while (after !== null);
  return keys;
}

const withoutDigest = ({ digest: _, ...key }: Key) => key;

export const keysList: Command = {
  name: 'keys list',
  takes: '',
  summary: 'List API keys.',
  help: `
Lists the admin keys of the database in DATABASE_URL, or those of one person. Secrets are not kept, so none is shown;
the first column is what "keepline keys revoke" takes.`,
  examples: ['keepline keys list', 'keepline keys list --user anna --json'],
  options: { user: LIST_USER_OPTION, json: JSON_OPTION },
  run: (call) =>
    withApp(call, async ({ store }) => {
      const user = await userOf(store, call.text('user'));
      const keys = await keysOf(store, user);
      if (call.flag('json')) {
        call.print(JSON.stringify({ items: keys.map(withoutDigest) }, null, 2));
        return 0;
      }
      const rows = keys.map(({ id, scope, name, expires_at, last_used_at }) => [
        id,
        scope,
        name,
        expires_at ? `until ${expires_at}` : 'without end',
        last_used_at ? `last used ${last_used_at}` : 'never used',
      ]);
      for (const line of table(rows, '')) call.print(line);
      if (rows.length === 0) {
        call.complain(
          user === null
            ? 'There are no admin keys; --user USER lists a person’s. "keepline keys create NAME" makes one.'
            : 'They have none: "keepline keys create NAME --user USER" makes one.',
        );
      }
      return 0;
    }),
};

function expiryOf(call: Call): string | null {
  const given = call.text('expires');
  if (given === undefined) return null;
  const moment = readMoment(given);
  if (moment === null || moment <= call.now()) {
    throw new UsageError(
      `--expires cannot be "${given}": write a future date or moment, such as 2027-01-01.`,
    );
  }
  return moment.toISOString();
}

export const keysCreate: Command = {
  name: 'keys create',
  takes: 'NAME',
  summary: 'Make an API key and print it once.',
  help: `
Makes a key in the database of DATABASE_URL and prints it, only this once. NAME says what it
is for. Without --user it is an admin key, which may do everything; with it, the key reads or
writes that person's data.`,
  examples: [
    'keepline keys create "backup script"',
    'keepline keys create "Home Assistant" --user anna --scope read',
  ],
  options: {
    user: USER_OPTION,
    scope: {
      type: 'string',
      value: 'SCOPE',
      text: 'With --user: read (the default) or write, which includes read.',
    },
    expires: { type: 'string', value: 'DATE', text: 'When it expires. Default: never.' },
    json: JSON_OPTION,
  },
  async run(call) {
    const [name = ''] = call.positionals;
    if (name.trim() === '' || name.length > 200) throw new UsageError('NAME has 1 to 200 characters.');
    const scope = choiceOf(call, 'scope', ['read', 'write', 'admin']);
    const isAdmin = call.text('user') === undefined;
    if (isAdmin && scope !== undefined && scope !== 'admin') {
      throw new UsageError(`--scope ${scope} needs --user: whose things may it ${scope}?`);
    }
    if (!isAdmin && scope === 'admin') throw new UsageError('An admin key is nobody’s: leave --user out.');
    const expires_at = expiryOf(call);
    return withApp(call, async ({ store }) => {
      const user = (await userOf(store, call.text('user')))?.id ?? null;
      const secret = newApiKey();
      const made = { user, scope: isAdmin ? ('admin' as const) : (scope ?? 'read'), name, expires_at };
      const key = await store.write(user, (q) => q.keys.create({ ...made, digest: digest(secret) }));
      if (call.flag('json')) call.print(JSON.stringify({ ...withoutDigest(key), secret }, null, 2));
      else call.print(secret);
      return 0;
    });
  },
};

export const keysRevoke: Command = {
  name: 'keys revoke',
  takes: 'ID',
  summary: 'Revoke an API key.',
  help: 'Revokes a key at once. ID is its id, as "keepline keys list" shows it, and not the key itself.',
  examples: ['keepline keys revoke key_0199f3a2-5b1c-7c1e-9a55-5b7f0f6f2d11'],
  options: {},
  run: (call) =>
    withApp(call, async ({ store }) => {
      const [given = ''] = call.positionals;
      const key = given.startsWith('klk_')
        ? await store.keys.byDigest(digest(given))
        : await store.keys.get(given);
      if (!key || !(await store.write(key.user, (q) => q.keys.delete(key.id)))) {
        throw new Failure('there is no such key: "keepline keys list" shows their ids.');
      }
      call.print(`Revoked "${key.name}".`);
      return 0;
    }),
};
