/** The text for standard error when a failure ends a process; it often ends up in a log. */
import { ConfigError } from './config.ts';
import { scrub } from './secret.ts';
import { StartError } from './start.ts';
import { StoreError } from './store/errors.ts';

/** Whether the operator can act on an error's message, so that it needs no stack trace. */
export const isActionable = (error: unknown): error is Error =>
  error instanceof ConfigError || error instanceof StartError || error instanceof StoreError;

/** The message in one line if `isMessageEnough`, otherwise with the stack trace. */
export function failureText(
  error: unknown,
  isMessageEnough: (error: unknown) => error is Error = isActionable,
): string {
  if (isMessageEnough(error)) return `keepline: ${error.message}\n`;
  return `keepline: ${scrub(error instanceof Error ? `${error.stack}` : String(error))}\n`;
}
