/** Imports NDJSON, from HTTP or a file: reads it, checks it by the API's schemas and hands it to the service. */
import type { App } from '../service/context.ts';
import { importRows } from '../service/import/group.ts';
import { rowsOf } from './ndjson.ts';

/**
 * Imports NDJSON, one user after another; a dry run stores nothing. `onlyUser` is the only one it may touch; null: any.
 * Returns counts and errors; users without errors are stored.
 * @throws StoreError when the store cannot answer
 */
export const importNdjson = (
  app: App,
  onlyUser: string | null,
  source: AsyncIterable<Uint8Array>,
  { dryRun = false } = {},
) => importRows(app, onlyUser, rowsOf(source), dryRun);
