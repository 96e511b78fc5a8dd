/** What can go wrong in the store, on either engine. */
export type StoreErrorCode =
  /** Another row has this value: `entity` and `field` name it, as `lines` and `external_id`. */
  | 'conflict'
  /** The write refers to something that does not exist (any more). */
  | 'not_found'
  /** Another writer held the database too long. Nothing was written; retry. */
  | 'busy'
  /** The database cannot be reached, or the connection was lost. An unacknowledged write may or may not be stored. */
  | 'unavailable'
  /** The disk is full or not writable. */
  | 'disk'
  /** Text that PostgreSQL cannot hold (a NUL character). */
  | 'invalid_text'
  /** The database was migrated by a later version of Keepline. */
  | 'schema_too_new'
  /** The URL is wrong, or does not lead to a usable database. */
  | 'misconfigured';

/** The only error that the store throws on purpose; any other is a bug. Never contains a stored value. */
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

/** Whether an error is a StoreError, with this code if one is given. */
export const isStoreError = (error: unknown, code?: StoreErrorCode): error is StoreError =>
  error instanceof StoreError && (code === undefined || error.code === code);
