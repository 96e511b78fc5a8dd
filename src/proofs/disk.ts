/**
 * Storage for the bytes of proofs: a folder, or a bucket of any S3-compatible service. Each upload has a file name of
 * its own, which reveals nothing about its owner.
 */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { Disk } from 'flydrive';
import { FSDriver } from 'flydrive/drivers/fs';

/** PROOFS_URL does not name a usable storage. */
export class ProofsError extends Error {}

/** A file cannot be stored or read now: the disk or bucket is full, read-only or unavailable. */
export class ProofsUnavailable extends Error {}

/** A stored file no longer exists. */
export class ProofGone extends Error {}

export type ProofDisk = {
  /** Stores the whole stream; when it resolves, the file is on disk. @throws ProofsUnavailable */
  put(file: string, stream: Readable): Promise<void>;
  /** Opens the file; the caller must read or destroy the stream. @throws ProofGone, ProofsUnavailable */
  read(file: string): Promise<Readable>;
  /** Whether the file exists. @throws ProofsUnavailable */
  has(file: string): Promise<boolean>;
  /** Deletes a file; a missing one is no error. @throws ProofsUnavailable */
  remove(file: string): Promise<void>;
};

/** In a subfolder named after the id's last two characters, which are random, so that no folder grows too large. */
export const fileOf = (proof: string): string => `${proof.slice(-2)}/${proof}`;

/** Flushes files and folders to disk: a new file survives a power failure only if its folder is flushed, too. */
async function sync(...places: string[]) {
  for (const place of places) {
    const handle = await open(place, 'r');
    await handle.sync().finally(() => handle.close());
  }
}

function openFolder(folder: string): ProofDisk {
  const location = path.resolve(folder);
  const disk = new Disk(new FSDriver({ location, visibility: 'private' }));
  /** If the folder itself is missing, a missing file does not mean that it was deleted. */
  const requireFolder = () => {
    if (!existsSync(location)) throw new Error('the folder of proofs is not there');
  };
  return {
    async put(file, stream) {
      await mkdir(path.join(location, path.dirname(file)), { recursive: true, mode: 0o700 });
      await disk.putStream(file, stream);
      const place = path.join(location, file);
      await sync(place, path.dirname(place));
    },
    async read(file) {
      requireFolder();
      const stream = await disk.getStream(file);
      // Fails here for a missing file, before a response has begun.
      await once(stream, 'open');
      return stream;
    },
    async has(file) {
      requireFolder();
      return disk.exists(file);
    },
    // Keeps the subfolder: another file may be about to be written there.
    async remove(file) {
      requireFolder();
      await disk.delete(file);
    },
  };
}

/** How long a bucket may take to respond, in milliseconds. */
const TIMEOUT = 30_000;

/** Silences the SDK's console output: the errors that it throws contain the same and are logged. */
const noop = () => {};
const SILENT = { debug: noop, info: noop, warn: noop, error: noop };

/** `s3://bucket/prefix?endpoint=https://…&region=…`; the credentials come from where the AWS SDK looks for them. */
async function openBucket(address: string): Promise<ProofDisk> {
  const url = new URL(address);
  const prefix = url.pathname.replace(/^\/+|\/+$/g, '');
  if (!/^[\w!.\-/]*$/.test(prefix)) {
    throw new ProofsError(
      `PROOFS_URL names the folder "${prefix}" of its bucket: it may have letters from A to Z, digits and - _ . ! / only.`,
    );
  }
  const endpoint = url.searchParams.get('endpoint');
  const keyOf = (file: string) => (prefix ? `${prefix}/${file}` : file);
  // Loaded on demand: it is large, and few installations use a bucket.
  const { S3Driver } = await import('flydrive/drivers/s3');
  const disk = new Disk(
    new S3Driver({
      bucket: url.hostname,
      region: url.searchParams.get('region') ?? 'us-east-1',
      visibility: 'private',
      supportsACL: false,
      // By default the SDK adds checksums as chunks between the bytes. Many S3-compatible services do not support them:
      // they store the chunks as part of the file, or refuse it.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      maxAttempts: 2,
      logger: SILENT,
      // Without timeouts, a service that accepts a connection and never responds would block callers for ever.
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
    put: (file, stream) => disk.putStream(keyOf(file), stream),
    read: (file) => disk.getStream(keyOf(file)),
    has: (file) => disk.exists(keyOf(file)),
    remove: (file) => disk.delete(keyOf(file)),
  };
}

/** The error codes and names of a missing file, in a folder or a bucket; flydrive wraps these errors. */
const NOT_FOUND: ReadonlySet<unknown> = new Set(['ENOENT', 'NoSuchKey', 'NotFound']);

function isGone(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    NOT_FOUND.has((error as NodeJS.ErrnoException).code) || NOT_FOUND.has(error.name) || isGone(error.cause)
  );
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
