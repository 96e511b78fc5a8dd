/**
 * The bytes of proofs: received as a stream, known by what they are, kept under a name made for each arrival, and buried
 * when what they hung on is gone. Rows are the store's; whichever of the two is missing after a crash, the sweep finds
 * the other.
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
/** A file as it came, or as it will be kept: close it in any case. */
export type Received = { type: ProofType; size: number; sha256: string; spooled: Spooled };

export type Proofs = ReturnType<typeof makeProofs>;

/** Counts what comes, and looks whether it is text as long as it may be. */
async function* watched(
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

/** A spooled file as a proof of that type; its SHA-256 in hexadecimal. */
const receivedAs = (type: ProofType, spooled: Spooled): Received => ({
  type,
  size: spooled.size,
  sha256: Buffer.from(spooled.digest, 'base64url').toString('hex'),
  spooled,
});

async function judge(
  spooled: Spooled,
  seen: { size: number; head: Buffer; text: boolean },
  said: string | null,
): Promise<Received | Refused> {
  if (seen.size > MAX_PROOF_BYTES) return 'too_large';
  if (seen.size === 0) return 'empty';
  const type = await typeOf(seen.head);
  if (type === null || (type === 'text/plain' && !seen.text)) return 'not_taken';
  return contradictsDeclaredType(said, type) ? 'not_as_said' : receivedAs(type, spooled);
}

/**
 * A received file without what a photograph tells of its place, itself where it is none; null where that may stand in it
 * and cannot be taken out. To be closed by the caller, as what was received.
 */
export async function stripLocation(received: Received): Promise<Received | null> {
  const { type, spooled } = received;
  if (!PHOTOS.has(type)) return received;
  const cleaned = await withoutLocation(spooled, EXTENSIONS[type]);
  return cleaned && receivedAs(type, cleaned);
}

/** Written and taken away at each start; no proof has such a name. */
const TRIAL = 'keepline.trial';
async function* trial() {
  yield Buffer.from('A file can be stored here.\n');
}

/** After so many files that cannot be removed the others wait for the next time: the disk or the bucket is away. */
const MAX_FAILURES = 3;

type ProofsLog = { warn(object: object, message: string): void };

function makeProofs(disk: ProofDisk, store: Store, clock: () => Date, log: ProofsLog) {
  /**
   * Takes away the files of which no row tells any more. One that cannot be taken away now keeps nothing else from
   * being done: it is told in the log, and tried again the next time.
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
  /** Arrivals of this process that came to nothing, and whose rows may stand yet: ids of proofs, and marks of files ahead. */
  const givenUp = new Set<string>();
  /**
   * Takes back rows whose file will never come to its end, and files ahead of what will never come: while a process brings
   * them, the last of them is not old.
   */
  async function dropAbandoned(): Promise<void> {
    const arriving = await store.proofs.arriving();
    for (const { id, node, created_at } of arriving) {
      const isOver = givenUp.has(id) || isAbandoned(node, created_at, clock());
      if (isOver) await store.write(null, (q) => q.proofs.drop(id));
    }
    const ahead = await store.proofs.filesAhead();
    for (const { node, since } of ahead) {
      const isOwn = node.startsWith(`${thisNode()}/`);
      const isOver = isOwn ? givenUp.has(node) : isAbandoned(node, since, clock());
      if (isOver) await store.write(null, (q) => q.proofs.discardFilesAhead(node));
    }
    const standing = new Set([...arriving.map(({ id }) => id), ...ahead.map(({ node }) => node)]);
    for (const one of givenUp) if (!standing.has(one)) givenUp.delete(one);
  }
  return {
    /** Reads a file to its end and says what it is, or why it is not taken. Nothing of it is kept yet. */
    async receive(
      source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
      said: string | null,
    ): Promise<Received | Refused> {
      const seen = { size: 0, head: Buffer.alloc(0), text: true };
      const spooled = await spool(watched(source, seen));
      let received: Received | Refused = 'empty';
      try {
        received = await judge(spooled, seen, said);
        return received;
      } finally {
        if (typeof received === 'string') await spooled.close();
      }
    },
    /** Puts a received file where a proof's row says that it is arriving. */
    put: (proof: Pick<Proof, 'file'>, { spooled }: Received): Promise<void> =>
      disk.put(proof.file, spooled.read()),
    read: (proof: Pick<Proof, 'file'>): Promise<Readable> => disk.read(proof.file),
    has: (proof: Pick<Proof, 'file'>): Promise<boolean> => disk.has(proof.file),
    removeDoomed,
    /** What a crash has left: rows whose file never came to its end, and files whose row is gone. */
    async sweep(): Promise<void> {
      await dropAbandoned();
      await removeDoomed();
    },
    dropAbandoned,
    /** Whether a file can be stored, and taken away again. @throws ProofsUnavailable where one cannot */
    async checkWritable(): Promise<void> {
      const spooled = await spool(trial());
      await disk.put(TRIAL, spooled.read()).finally(() => spooled.close());
      await disk.remove(TRIAL);
    },
    /**
     * Remembers that nobody is at work on an arrival any more, by its proof's id or its files' mark: its rows are taken
     * back now or, where that fails, later.
     */
    giveUp: (arrival: string) => void givenUp.add(arrival),
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
