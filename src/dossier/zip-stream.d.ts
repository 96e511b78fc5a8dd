declare module 'zip-stream' {
  import type { Readable, Transform } from 'node:stream';

  /** The part of the library that is used here. */
  export default class ZipStream extends (Transform as new () => Transform) {
    constructor(options?: { zlib?: { level?: number } });
    entry(
      source: Readable | Buffer,
      data: { name: string; store?: boolean; date?: Date },
      done: (error: Error | null) => void,
    ): this;
    finalize(): void;
  }
}
