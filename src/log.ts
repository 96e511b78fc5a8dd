/**
 * The log: JSON lines by pino on standard output. Secrets and personal data (keys, tokens, phone numbers) are removed
 * twice: by the field's name, and by pattern in the finished line.
 */
import { type DestinationStream, type Logger, pino } from 'pino';
import type { LogLevel } from './config.ts';
import { scrub } from './secret.ts';

const HIDDEN = ['authorization', 'token', 'secret', 'key', 'number', 'phone', 'cookie', 'password'];

/** An error without the extra fields that drivers attach, which may contain user input. */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  const { code } = error as { code?: unknown };
  return {
    type: name,
    message,
    stack,
    ...(typeof code === 'string' ? { code } : {}),
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
  };
}

/** Creates a logger. `secrets` are further texts that must not appear, such as a key from the environment. */
export function createLog(
  level: LogLevel,
  options: { secrets?: (string | null)[]; destination?: DestinationStream } = {},
): Logger {
  const secrets = (options.secrets ?? []).flatMap((text) =>
    text ? [JSON.stringify(text).slice(1, -1)] : [],
  );
  const clean = (line: string) =>
    secrets.reduce((text, secret) => text.replaceAll(secret, '[secret]'), scrub(line));
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: describeError },
      redact: {
        paths: HIDDEN.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
        censor: '[hidden]',
      },
      hooks: { streamWrite: clean },
    },
    options.destination ?? pino.destination(1),
  );
}
