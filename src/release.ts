/**
 * What a feed's bytes and a line's dates depend on beside its records: the rules, the texts and the code that folds
 * and renders them, and the time zones by which days are told. Two processes with the same digest publish the same bytes.
 */
import { hash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { Config } from './config.ts';
import type { Rulebook } from './rulebook/index.ts';
import { newSecret } from './secret.ts';
import type { Store } from './store/types.ts';

/** Folders and files of `src/` that have a hand in those bytes: a test walks the imports. */
export const PARTS = [
  'agenda',
  'calendar',
  'ledger.ts',
  'lib',
  'planning',
  'publication',
  'retention',
  'rulebook',
  'vocabulary.ts',
  'wording',
];
/** The same of other people's code. */
export const LIBRARIES = ['ical-generator', 'intl-messageformat', 'luxon'] as const;

async function libraries(): Promise<(string | undefined)[]> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  const { dependencies } = JSON.parse(text) as { dependencies: Record<string, string> };
  return LIBRARIES.map((name) => dependencies[name]);
}

/** SHA-256 over the sources and the libraries' versions of the parts that make dates and bytes. */
async function readCode(): Promise<string> {
  const root = new URL('./', import.meta.url);
  const names = (await readdir(root, { recursive: true }))
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.ts') && PARTS.includes(name.split('/', 1)[0] as string))
    .sort();
  const sources = await Promise.all(names.map((name) => readFile(new URL(name, root), 'utf8')));
  return hash('sha256', JSON.stringify([names, sources, await libraries()]), 'base64url');
}

/** Of the code that runs: what lies on the disk later, of a version that is to be started yet, has no hand in its bytes. */
let code: Promise<string> | null = null;

/** SHA-256 over the rules' digest, the code that makes dates and bytes, and the version of the time zones. */
async function releaseDigest(rulebookDigest: string): Promise<string> {
  code ??= readCode();
  return hash('sha256', JSON.stringify([rulebookDigest, await code, process.versions.tz]), 'base64url');
}

/** The number of the release that these rules make here. */
export async function releaseNumber(rulebook: Rulebook, store: Store): Promise<number> {
  const release = await releaseDigest(rulebook.digest);
  return store.write(null, (q) => q.releases.number(release));
}

/** The number of a release whose rules take the place of others on purpose: the newest, also where it was seen before. */
export async function renewRelease(rulebook: Rulebook, store: Store): Promise<number> {
  const release = await releaseDigest(rulebook.digest);
  return store.write(null, (q) => q.releases.renew(release));
}

/** What all processes on one database share: the number of this release there, and the secret, made by the first. */
export async function settleIdentity(
  config: Config,
  rulebook: Rulebook,
  store: Store,
): Promise<{ release: number; secret: string }> {
  const release = await releaseDigest(rulebook.digest);
  return store.write(null, async (q) => ({
    release: await q.releases.number(release),
    secret: config.secret ?? (await q.settings.keep('secret', newSecret())),
  }));
}
