import { StoreError } from './errors.ts';

/** How each engine's error codes translate. */
const sqliteCodes: [RegExp, (error: Error) => StoreError][] = [
  [/^SQLITE_BUSY|^SQLITE_LOCKED/, (cause) => busy(cause)],
  [/^SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY)$/, (cause) => conflict(sqliteColumn(cause.message))],
  [/^SQLITE_CONSTRAINT_FOREIGNKEY$/, (cause) => missing(cause)],
  [/^SQLITE_(FULL|IOERR|READONLY)/, (cause) => disk(cause)],
  [/^SQLITE_(CANTOPEN|NOTADB|CORRUPT|PERM|AUTH)/, (cause) => misconfigured(cause)],
];
const postgresCodes: [RegExp, (error: Error) => StoreError][] = [
  [/^(40001|40P01|55P03|57014)$/, (cause) => busy(cause)],
  [/^23505$/, (cause) => conflict(postgresColumn(cause))],
  [/^23503$/, (cause) => missing(cause)],
  [/^(22021|22P05)$/, (cause) => invalidText(cause)],
  [/^(53100|25006)$/, (cause) => disk(cause)],
  [/^(28...|3D000|3F000|42501)$/, (cause) => misconfigured(cause)],
  // Certificate errors of OpenSSL and Node.
  [
    /^(\w+_CERT(_\w+)?|CERT_\w+|UNABLE_TO_\w+|HOSTNAME_MISMATCH|ERR_TLS_\w+)$/,
    (cause) => misconfigured(cause),
  ],
  [/^(08...|57P..|53...|E[A-Z_]+)$/, (cause) => unavailable(cause)],
];

/** Translates an engine's error into a StoreError; returns any other or unknown error unchanged. */
export const translateError = (engine: 'sqlite' | 'postgres', error: unknown): unknown => {
  if (!(error instanceof Error) || error instanceof StoreError) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = (engine === 'sqlite' ? sqliteCodes : postgresCodes).find(([pattern]) => pattern.test(code));
  if (known) return known[1](error);
  // Errors that the drivers throw themselves have no code.
  if (
    /connection is not open|terminated|timeout exceeded when trying to connect|end on the pool|not queryable|driver has already been destroyed/i.test(
      error.message,
    )
  ) {
    return unavailable(error);
  }
  if (/does not support SSL connections/.test(error.message)) return misconfigured(error);
  return error;
};

const busy = (cause: unknown) =>
  new StoreError('busy', 'Another writer held the database for too long. Try again.', { cause });
const missing = (cause: unknown) =>
  new StoreError('not_found', 'What this belongs to does not exist any more.', { cause });
const disk = (cause: unknown) =>
  new StoreError('disk', 'The database could not write to its disk: check free space and permissions.', {
    cause,
  });
const unavailable = (cause: unknown) =>
  new StoreError('unavailable', 'The database cannot be reached.', { cause });
const misconfigured = (cause: Error) =>
  new StoreError('misconfigured', `The database refused to open: ${cause.message}. Check DATABASE_URL.`, {
    cause,
  });
export const invalidText = (cause?: unknown) =>
  new StoreError('invalid_text', 'A text holds a NUL character. Remove it.', { cause });

/** Without the cause: the drivers' messages and details can contain the value itself. */
const conflict = ([entity, field]: [string, string]) =>
  new StoreError('conflict', `Another ${entity} has the same ${field}.`, { entity, field });

/** `UNIQUE constraint failed: lines.user, lines.external_id` names the columns; the last one is reported. */
const sqliteColumn = (message: string): [string, string] => {
  const [, entity = '', field = ''] = /(\w+)\.(\w+)$/.exec(message) ?? [];
  return [entity, field];
};

/** The detail contains `(user, external_id)=(…)` in every language; the last column is reported. */
const postgresColumn = (cause: Error): [string, string] => {
  const { detail = '', table = '' } = cause as { detail?: string; table?: string };
  const [, columns = ''] = /\(([^()]*)\)=\(/.exec(detail) ?? [];
  return [table, columns.split(', ').at(-1)?.replaceAll('"', '') ?? ''];
};
