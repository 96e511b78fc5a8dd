/**
 * The release: all that a feed's bytes and a line's dates depend on besides its records, namely the rules, the texts,
 * the code that folds and renders them, and the time zone data. Processes with the same digest publish the same bytes.
 */
import { hash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { Config } from './config.ts';
import type { Rulebook } from './rulebook/index.ts';
import { newSecret } from './secret.ts';
import type { Store } from './store/types.ts';

/** Folders and files of `src/` that affect those bytes; a test checks the list against the imports. */
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
/** The dependencies that affect those bytes. */
export const LIBRARIES = ['ical-generator', 'intl-messageformat', 'luxon'] as const;

async function libraries(): Promise<(string | undefined)[]> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  const { dependencies } = JSON.parse(text) as { dependencies: Record<string, string> };
  return LIBRARIES.map((name) => dependencies[name]);
}

/** SHA-256 over the sources in {@link PARTS} and the versions of {@link LIBRARIES}. */
async function readCode(): Promise<string> {
  const root = new URL('./', import.meta.url);
  const names = (await readdir(root, { recursive: true }))
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.ts') && PARTS.includes(name.split('/', 1)[0] as string))
    .sort();
  const sources = await Promise.all(names.map((name) => readFile(new URL(name, root), 'utf8')));
  return hash('sha256', JSON.stringify([names, sources, await libraries()]), 'base64url');
}

/** Read once, for the running code: the files on disk may later be those of a version not yet started. */
let code: Promise<string> | null = null;

/** SHA-256 over the rules' digest, the code's digest, and the version of the time zone data. */
async function releaseDigest(rulebookDigest: string): Promise<string> {
  code ??= readCode();
  return hash('sha256', JSON.stringify([rulebookDigest, await code, process.versions.tz]), 'base64url');
}

/** The number of this process's release with these rules. */
export async function releaseNumber(rulebook: Rulebook, store: Store): Promise<number> {
  const release = await releaseDigest(rulebook.digest);
  return store.write(null, (q) => q.releases.number(release));
}

/** The release number after a deliberate change of rules: always the highest, even if the release was seen before. */
export async function renewRelease(rulebook: Rulebook, store: Store): Promise<number> {
  const release = await releaseDigest(rulebook.digest);
  return store.write(null, (q) => q.releases.renew(release));
}

/** What all processes on one database share: this release's number there, and the secret, created by the first. */
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
