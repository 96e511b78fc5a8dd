/**
 * Where the bytes of proofs lie: a folder, or a bucket of any S3-compatible service. Each arrival has a name of its own,
 * in which nothing of its owner stands.
 */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { Disk } from 'flydrive';
import { FSDriver } from 'flydrive/drivers/fs';

/** The service cannot use what PROOFS_URL names. */
export class ProofsError extends Error {}

/** The disk or the bucket cannot take or give a file now: it is full, read-only or away. */
export class ProofsUnavailable extends Error {}

/** What was kept is there no more. */
export class ProofGone extends Error {}

export type ProofDisk = {
  /** Puts a stream there, whole; when it resolves it is on disk. @throws ProofsUnavailable */
  put(file: string, stream: Readable): Promise<void>;
  /** The file's bytes, to be read or destroyed. @throws ProofGone, ProofsUnavailable */
  read(file: string): Promise<Readable>;
  /** Whether the file is there. @throws ProofsUnavailable */
  has(file: string): Promise<boolean>;
  /** Takes a file away; one that is not there is no error. @throws ProofsUnavailable */
  remove(file: string): Promise<void>;
};

/** Two letters of the end, which is random, so that no folder grows too large. */
export const fileOf = (proof: string): string => `${proof.slice(-2)}/${proof}`;

/** What was written survives a loss of power only once file and folder are on disk. */
async function settle(...places: string[]) {
  for (const place of places) {
    const handle = await open(place, 'r');
    await handle.sync().finally(() => handle.close());
  }
}

function openFolder(folder: string): ProofDisk {
  const location = path.resolve(folder);
  const disk = new Disk(new FSDriver({ location, visibility: 'private' }));
  /** Of a folder that is itself away, no file can be said to be gone. */
  const demandFolder = () => {
    if (!existsSync(location)) throw new Error('the folder of proofs is not there');
  };
  return {
    async put(file, stream) {
      await mkdir(path.join(location, path.dirname(file)), { recursive: true, mode: 0o700 });
      await disk.putStream(file, stream);
      const place = path.join(location, file);
      await settle(place, path.dirname(place));
    },
    async read(file) {
      demandFolder();
      const stream = await disk.getStream(file);
      // A file that is not there is told by its opening, before anything has been said of it to anybody.
      await once(stream, 'open');
      return stream;
    },
    async has(file) {
      demandFolder();
      return disk.exists(file);
    },
    // Its folder stays: another file may be about to be written there.
    async remove(file) {
      demandFolder();
      await disk.delete(file);
    },
  };
}

/** How long a bucket may say nothing, in milliseconds. */
const TIMEOUT = 30_000;

/** What the SDK would say on the console stands in the errors that it throws, and these in the log. */
const nothing = () => {};
const SILENT = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/**
 * `s3://bucket/prefix?endpoint=https://…&region=…`: the keys come from where the AWS SDK looks for them.
 */
async function openBucket(address: string): Promise<ProofDisk> {
  const url = new URL(address);
  const prefix = url.pathname.replace(/^\/+|\/+$/g, '');
  if (!/^[\w!.\-/]*$/.test(prefix)) {
    throw new ProofsError(
      `PROOFS_URL names the folder "${prefix}" of its bucket: it may have letters from A to Z, digits and - _ . ! / only.`,
    );
  }
  const endpoint = url.searchParams.get('endpoint');
  const at = (file: string) => (prefix ? `${prefix}/${file}` : file);
  // Loaded where it is asked for: it is large, and few have a bucket.
  const { S3Driver } = await import('flydrive/drivers/s3');
  const disk = new Disk(
    new S3Driver({
      bucket: url.hostname,
      region: url.searchParams.get('region') ?? 'us-east-1',
      visibility: 'private',
      supportsACL: false,
      // The checksums that the SDK adds by itself come in pieces between the bytes: services that do not know them, as
      // many that call themselves compatible, keep the pieces as part of the file, or refuse it.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      maxAttempts: 2,
      logger: SILENT,
      // One that takes a connection and says nothing would keep it, and whoever waits for it, for ever.
      requestHandler: {
        connectionTimeout: 5_000,
        requestTimeout: TIMEOUT,
        socketTimeout: TIMEOUT,
        throwOnRequestTimeout: true,
      },
      ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
    }),
  );
  return {
    put: (file, stream) => disk.putStream(at(file), stream),
    read: (file) => disk.getStream(at(file)),
    has: (file) => disk.exists(at(file)),
    remove: (file) => disk.delete(at(file)),
  };
}

/** By which a folder and a bucket say that a file is not there; flydrive wraps what they say. */
const GONE: ReadonlySet<unknown> = new Set(['ENOENT', 'NoSuchKey', 'NotFound']);

function isGone(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return GONE.has((error as NodeJS.ErrnoException).code) || GONE.has(error.name) || isGone(error.cause);
}

/** @throws ProofsError */
export async function openDisk(url: string): Promise<ProofDisk> {
  const disk = await (url.startsWith('s3:') ? openBucket(url) : openFolder(url.slice('file:'.length)));
  const unavailable = (cause: unknown) =>
    new ProofsUnavailable('a proof cannot be stored or read', { cause });
  return {
    put: (file, stream) =>
      disk.put(file, stream).catch((error: unknown) => {
        throw unavailable(error);
      }),
    read: (file) =>
      disk.read(file).catch((error: unknown) => {
        throw isGone(error)
          ? new ProofGone('the file of a proof is gone', { cause: error })
          : unavailable(error);
      }),
    has: (file) =>
      disk.has(file).catch((error: unknown) => {
        throw unavailable(error);
      }),
    remove: (file) =>
      disk.remove(file).catch((error: unknown) => {
        throw unavailable(error);
      }),
  };
}
