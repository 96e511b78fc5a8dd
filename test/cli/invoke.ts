/** Runs the command line in this process: fake streams, a fixed clock, a given environment. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { run } from '../../src/cli/run.ts';

export const NOW = new Date('2026-06-15T09:00:00Z');

export type Outcome = { code: number; stdout: string; stderr: string };
type Options = {
  stdin?: string;
  env?: Record<string, string>;
  now?: Date;
  isTTY?: boolean;
  untilStopped?: () => Promise<void>;
  untilAlone?: () => Promise<void>;
  onHangUp?: (listener: () => void) => () => void;
};

class CapturedOutput extends Writable {
  text = '';
  isTTY = false;
  override _write(chunk: Buffer | string, _encoding: string, done: () => void) {
    this.text += chunk.toString();
    done();
  }
}

/** Runs one command and returns its output and exit code. */
export async function invoke(args: readonly string[], options: Options = {}): Promise<Outcome> {
  const [stdout, stderr] = [new CapturedOutput(), new CapturedOutput()];
  stderr.isTTY = options.isTTY ?? false;
  const stdin = Readable.from(options.stdin ? [Buffer.from(options.stdin)] : []);
  const { env = {}, now = NOW, untilStopped, untilAlone, onHangUp } = options;
  const context = {
    now: () => now,
    ...(untilStopped ? { untilStopped } : {}),
    ...(untilAlone ? { untilAlone } : {}),
    ...(onHangUp ? { onHangUp } : {}),
  };
  const code = await run(args, { stdin, stdout, stderr }, env, context);
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/** A temporary folder, removed when the test ends, and a function that writes files into it. */
export async function scratch(t: { teardown: (end: () => unknown) => void }) {
  const folder = await mkdtemp(join(tmpdir(), 'keepline-cli-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return {
    folder,
    async file(name: string, content: string): Promise<string> {
      await writeFile(join(folder, name), content);
      return join(folder, name);
    },
  };
}
