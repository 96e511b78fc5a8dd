import type { Kysely } from 'kysely';
import type { Tables } from './schema.ts';
import type { Serving } from './types.ts';

export type EngineName = 'sqlite' | 'postgres';
export type Database = Kysely<Tables>;

/** What differs between the two databases; everything above it is one code. */
export type Engine = {
  name: EngineName;
  /** Sees what has been committed. */
  reader: Database;
  /** One transaction that may write; rolled back when `fn` throws. `lazily`: it need not be on disk when it is done. */
  write<T>(fn: (db: Database) => Promise<T>, lazily: boolean): Promise<T>;
  /** One transaction of reads that all see one moment. */
  snapshot<T>(fn: (db: Database) => Promise<T>): Promise<T>;
  /** What was erased is gone from the files too, now or as soon as nobody reads it. Does nothing on PostgreSQL. */
  scrub(): Promise<void>;
  serving: Serving;
  /** Calls back when another process, or on PostgreSQL any process, this one included, was seen to have written. */
  onForeignChange(listener: () => void): () => void;
  /** After a commit: until no other node serves what it remembers from before. On SQLite there is none. */
  untilLeasesExpire(): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;
};
