/**
 * Buffers a stream in an unlinked temporary file, which vanishes with the process, so that it can be checked as a
 * whole.
 */
import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

export type Spooled = {
  /** SHA-256 in base64url. */
  digest: string;
  /** In bytes. */
  size: number;
  /** Reads from the beginning; may be called repeatedly. */
  read(): Readable;
  close(): Promise<void>;
};

/** The temporary folder cannot store a file now: it is full, read-only or missing. */
export class SpoolUnavailable extends Error {}

function throwUnavailable(cause: unknown): never {
  throw new SpoolUnavailable('the temporary folder (TMPDIR) cannot take a file', { cause });
}

async function unnamedFile(): Promise<FileHandle> {
  const path = join(tmpdir(), `keepline-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  await unlink(path);
  return file;
}

/**
 * Reads `source` to its end into a temporary file; `close` frees the disk space.
 * @throws SpoolUnavailable, and what the source throws
 */
export async function spool(source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<Spooled> {
  const file = await unnamedFile().catch(throwUnavailable);
  try {
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of source) {
      hash.update(chunk);
      size += chunk.length;
      await file.writeFile(chunk).catch(throwUnavailable);
    }
    return {
      digest: hash.digest('base64url'),
      size,
      // The AWS SDK computes Content-Length from `end`.
      read: () =>
        size === 0 ? Readable.from([]) : file.createReadStream({ start: 0, end: size - 1, autoClose: false }),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}
