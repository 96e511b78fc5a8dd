/**
 * The bytes of proofs: received as a stream, identified by their content, stored under a name of their own, and deleted
 * after their row. The rows are the store's; if a crash leaves a row without a file or a file without a row, the sweep
 * finds it.
 */
import type { Readable } from 'node:stream';
import { isAbandoned, thisNode } from '../lib/node.ts';
import { type Spooled, spool } from '../lib/spool.ts';
import type { Proof, ProofType, Store } from '../store/types.ts';
import { openDisk, type ProofDisk } from './disk.ts';
import { contradictsDeclaredType, EXTENSIONS, HEAD, PHOTOS, textReader, typeOf } from './type.ts';
import { withoutLocation } from './without-location.ts';

export { fileOf, ProofGone, ProofsError, ProofsUnavailable } from './disk.ts';
export { EXTENSIONS } from './type.ts';

/** Of one proof. */
export const MAX_PROOF_BYTES = 20_000_000;
/** Of one payment. */
export const MAX_PROOFS = 10;

export type Refused = 'empty' | 'too_large' | 'not_taken' | 'not_as_said';
/** A file as received, or as it will be stored; `spooled` must be closed in any case. */
export type Received = { type: ProofType; size: number; sha256: string; spooled: Spooled };

export type Proofs = ReturnType<typeof makeProofs>;

/** Passes chunks on, up to the size limit, and records the size, the head, and whether it is text so far. */
async function* inspected(
  source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  seen: { size: number; head: Buffer; text: boolean },
) {
  const text = textReader();
  for await (const chunk of source) {
    seen.size += chunk.length;
    if (seen.size > MAX_PROOF_BYTES) return;
    if (seen.head.length < HEAD) {
      seen.head = Buffer.concat([seen.head, chunk.subarray(0, HEAD - seen.head.length)]);
    }
    seen.text &&= text.take(chunk);
    yield chunk;
  }
  seen.text &&= text.end();
}

/** A spooled file as a received one of that type; its SHA-256 in hexadecimal. */
const receivedAs = (type: ProofType, spooled: Spooled): Received => ({
  type,
  size: spooled.size,
  sha256: Buffer.from(spooled.digest, 'base64url').toString('hex'),
  spooled,
});

async function classify(
  spooled: Spooled,
  seen: { size: number; head: Buffer; text: boolean },
  declaredType: string | null,
): Promise<Received | Refused> {
  if (seen.size > MAX_PROOF_BYTES) return 'too_large';
  if (seen.size === 0) return 'empty';
  const type = await typeOf(seen.head);
  if (type === null || (type === 'text/plain' && !seen.text)) return 'not_taken';
  return contradictsDeclaredType(declaredType, type) ? 'not_as_said' : receivedAs(type, spooled);
}

/**
 * Returns a received photograph without its location metadata, any other file as it is; null if it may contain a
 * location that cannot be removed. The caller must close the result as well as `received`.
 */
export async function stripLocation(received: Received): Promise<Received | null> {
  const { type, spooled } = received;
  if (!PHOTOS.has(type)) return received;
  const cleaned = await withoutLocation(spooled, EXTENSIONS[type]);
  return cleaned && receivedAs(type, cleaned);
}

/** Written and deleted at each start; no proof has such a name. */
const TRIAL = 'keepline.trial';
async function* trialBytes() {
  yield Buffer.from('A file can be stored here.\n');
}

/** A sweep stops after this many files that cannot be deleted: the disk or bucket is probably unavailable. */
const MAX_FAILURES = 3;

type ProofsLog = { warn(object: object, message: string): void };

function makeProofs(disk: ProofDisk, store: Store, clock: () => Date, log: ProofsLog) {
  /**
   * Deletes the files to which no row refers any more. One that cannot be deleted is logged, does not hold up the
   * others, and is tried again the next time.
   */
  async function removeDoomed(): Promise<void> {
    const left = new Set<string>();
    while (left.size < MAX_FAILURES) {
      const found = await store.proofs.doomed(100 + left.size);
      const files = found.filter((file) => !left.has(file));
      if (files.length === 0) break;
      const gone: string[] = [];
      for (const file of files) {
        if (left.size >= MAX_FAILURES) break;
        await disk.remove(file).then(
          () => gone.push(file),
          (error: unknown) => {
            left.add(file);
            log.warn({ err: error }, 'the file of a proof is still to be removed');
          },
        );
      }
      if (gone.length > 0) await store.write(null, (q) => q.proofs.forgetDoomed(gone));
    }
  }
  /** Failed uploads of this process whose rows may still exist: proof ids, and marks of files ahead. */
  const givenUp = new Set<string>();
  /**
   * Drops rows whose file will never be complete, and files ahead whose payment will never be inserted. The latest file
   * under a mark counts, since an import keeps adding files while it runs.
   */
  async function dropAbandoned(): Promise<void> {
    const arriving = await store.proofs.arriving();
    for (const { id, node, created_at } of arriving) {
      const isOver = givenUp.has(id) || isAbandoned(node, created_at, clock());
      if (isOver) await store.write(null, (q) => q.proofs.drop(id));
    }
    const ahead = await store.proofs.filesAhead();
    for (const { node, since } of ahead) {
      const isOwnProcess = node.startsWith(`${thisNode()}/`);
      const isOver = isOwnProcess ? givenUp.has(node) : isAbandoned(node, since, clock());
      if (isOver) await store.write(null, (q) => q.proofs.discardFilesAhead(node));
    }
    const remaining = new Set([...arriving.map(({ id }) => id), ...ahead.map(({ node }) => node)]);
    for (const upload of givenUp) if (!remaining.has(upload)) givenUp.delete(upload);
  }
  return {
    /** Spools a file and returns it with its type, or why it is refused. Stores nothing yet. */
    async receive(
      source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
      declaredType: string | null,
    ): Promise<Received | Refused> {
      const seen = { size: 0, head: Buffer.alloc(0), text: true };
      const spooled = await spool(inspected(source, seen));
      let received: Received | Refused = 'empty';
      try {
        received = await classify(spooled, seen, declaredType);
        return received;
      } finally {
        if (typeof received === 'string') await spooled.close();
      }
    },
    /** Stores a received file under the name in its proof's row. */
    put: (proof: Pick<Proof, 'file'>, { spooled }: Received): Promise<void> =>
      disk.put(proof.file, spooled.read()),
    read: (proof: Pick<Proof, 'file'>): Promise<Readable> => disk.read(proof.file),
    has: (proof: Pick<Proof, 'file'>): Promise<boolean> => disk.has(proof.file),
    removeDoomed,
    /** Removes what a crash has left: rows whose file is incomplete, and files whose row is gone. */
    async sweep(): Promise<void> {
      await dropAbandoned();
      await removeDoomed();
    },
    dropAbandoned,
    /** Stores and deletes a file. @throws ProofsUnavailable if that is not possible */
    async checkWritable(): Promise<void> {
      const spooled = await spool(trialBytes());
      await disk.put(TRIAL, spooled.read()).finally(() => spooled.close());
      await disk.remove(TRIAL);
    },
    /** Marks an upload as failed, by its proof's id or its files' mark, so that its rows are dropped. */
    giveUp: (upload: string) => void givenUp.add(upload),
    node: thisNode(),
  };
}

/** @throws ProofsError */
export const openProofs = async (
  url: string,
  store: Store,
  clock: () => Date,
  log: ProofsLog,
): Promise<Proofs> => makeProofs(await openDisk(url), store, clock, log);
