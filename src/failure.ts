/** How a failure that ends a process is told on standard error, which often ends up in a log. */
import { ConfigError } from './config.ts';
import { scrub } from './secret.ts';
import { StartError } from './start.ts';
import { StoreError } from './store/errors.ts';

/** Whether an error says something that whoever runs the service can act on, so that no stack trace is needed. */
export const isActionable = (error: unknown): error is Error =>
  error instanceof ConfigError || error instanceof StartError || error instanceof StoreError;

/** The line, or with a stack trace the lines; `says` tells errors whose message is enough. */
export function failureText(error: unknown, says: (error: unknown) => error is Error = isActionable): string {
  if (says(error)) return `keepline: ${error.message}\n`;
  return `keepline: ${scrub(error instanceof Error ? `${error.stack}` : String(error))}\n`;
}
