/** What npm runs, also where only what the service needs is installed, and what others run in its stead. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import t from 'tap';
import { temporaryFolder } from '../support/stores.ts';

const read = (name: string) => readFile(new URL(`../../${name}`, import.meta.url), 'utf8');

t.test('a unit, an image and the page on operation run what npm start runs', async (t) => {
  const { start } = JSON.parse(await read('package.json')).scripts;
  const command = start.replace(/^exec /, '');
  t.match(await read('docs/operation.md'), `\n${command}\n`);
  t.match(await read('examples/operation/keepline.service'), `\nExecStart=/usr/bin/${command}\n`);
  const [, words] = /^CMD (.*)$/m.exec(await read('Dockerfile')) ?? [];
  t.same(JSON.parse(words ?? 'null'), command.split(' '));
});

t.test('without what is for development only, an install says nothing of it', async (t) => {
  const { prepare } = JSON.parse(await read('package.json')).scripts;
  const cwd = await temporaryFolder(t);
  const env = { PATH: '/usr/bin:/bin' };
  t.same(await promisify(execFile)('sh', ['-c', prepare], { cwd, env }), { stdout: '', stderr: '' });
});
