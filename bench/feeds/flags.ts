/** The Node flags that `npm start` uses. */
import { readFileSync } from 'node:fs';

const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  scripts: { start: string };
};
export const FLAGS: string[] = scripts.start.match(/--\S+/g) ?? [];
