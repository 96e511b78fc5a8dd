/** What npm runs by itself, also where only what the service needs is installed. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import t from 'tap';
import { temporaryFolder } from '../support/stores.ts';

t.test('without what is for development only, an install says nothing of it', async (t) => {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  const { prepare } = JSON.parse(text).scripts;
  const cwd = await temporaryFolder(t);
  const env = { PATH: '/usr/bin:/bin' };
  t.same(await promisify(execFile)('sh', ['-c', prepare], { cwd, env }), { stdout: '', stderr: '' });
});
