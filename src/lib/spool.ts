/** A body that must be known as a whole before it is read: kept in a file without a name, that dies with the process. */
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
  /** From its beginning, as often as is asked. */
  read(): Readable;
  close(): Promise<void>;
};

/** The temporary folder cannot take a file now: it is full, read-only or away. */
export class SpoolUnavailable extends Error {}

function cannotTake(cause: unknown): never {
  throw new SpoolUnavailable('the temporary folder (TMPDIR) cannot take a file', { cause });
}

async function unnamedFile(): Promise<FileHandle> {
  const path = join(tmpdir(), `keepline-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  await unlink(path);
  return file;
}

/**
 * Reads chunks to their end; their digest is SHA-256 in base64url. `close` gives the room back.
 * @throws SpoolUnavailable, and what the source throws
 */
export async function spool(source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<Spooled> {
  const file = await unnamedFile().catch(cannotTake);
  try {
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of source) {
      hash.update(chunk);
      size += chunk.length;
      await file.writeFile(chunk).catch(cannotTake);
    }
    return {
      digest: hash.digest('base64url'),
      size,
      // With its end, for the AWS SDK reckons the length of what it sends by it.
      read: () =>
        size === 0 ? Readable.from([]) : file.createReadStream({ start: 0, end: size - 1, autoClose: false }),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}
