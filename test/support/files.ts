/** What lies in a folder. */
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Every file below a folder, with its bytes; none where there is no such folder. */
export function filesIn(folder: string): Map<string, Buffer> {
  if (!existsSync(folder)) return new Map();
  const names = readdirSync(folder, { recursive: true }).map(String);
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return new Map(files.map((name) => [name, readFileSync(join(folder, name))]));
}

/** How many files without a name this process holds open, as those that bodies are spooled to; 0 where none can tell. */
export function namelessFiles(): number {
  const open = '/proc/self/fd';
  if (!existsSync(open)) return 0;
  const target = (name: string) => {
    try {
      return readlinkSync(join(open, name));
    } catch {
      // The one by which they were listed.
      return '';
    }
  };
  return readdirSync(open).filter((name) => /\/keepline-[\da-f-]{36} \(deleted\)$/.test(target(name))).length;
}
