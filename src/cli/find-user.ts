import type { Store, User } from '../store/types.ts';
import { Failure } from './command.ts';

/**
 * The person that `--user` names, by external_id or id.
 * @throws Failure if there is none
 */
export async function findUser({ users }: Pick<Store, 'users'>, name: string): Promise<User> {
  const user = (await users.byExternalId(name)) ?? (await users.get(name));
  if (user) return user;
  throw new Failure(
    `there is no person with the id or external_id "${name}": "keepline export" shows them all.`,
  );
}
