/** What can go wrong in the store, whichever engine is below. */
export type StoreErrorCode =
  /** Another row has this value: `entity` and `field` name it, as `lines` and `external_id`. */
  | 'conflict'
  /** What the write is about does not exist (any more). */
  | 'not_found'
  /** Another writer held the database too long. Nothing was written; trying again is right. */
  | 'busy'
  /** The database cannot be reached, or went away. What was not acknowledged may or may not be written. */
  | 'unavailable'
  /** No room, or no right to write, on the disk. */
  | 'disk'
  /** Text that PostgreSQL cannot hold (a NUL character). */
  | 'invalid_text'
  /** The database was made by a later version of Keepline. */
  | 'schema_too_new'
  /** The address is wrong, or what stands there is not a database of ours. */
  | 'misconfigured';

/** The one error that leaves the store on purpose; anything else is a defect. Never holds a stored value. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;
  readonly entity: string | undefined;
  readonly field: string | undefined;

  constructor(
    code: StoreErrorCode,
    message: string,
    options: { entity?: string; field?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'StoreError';
    this.code = code;
    this.entity = options.entity;
    this.field = options.field;
  }
}

/** Whether an error is the store's own with this code. */
export const isStoreError = (error: unknown, code?: StoreErrorCode): error is StoreError =>
  error instanceof StoreError && (code === undefined || error.code === code);
