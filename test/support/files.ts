/** The files in a folder, and the deleted ones that this process holds open. */
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** All files below a folder by relative path, with their bytes; empty if there is no such folder. */
export function filesIn(folder: string): Map<string, Buffer> {
  if (!existsSync(folder)) return new Map();
  const names = readdirSync(folder, { recursive: true }).map(String);
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return new Map(files.map((name) => [name, readFileSync(join(folder, name))]));
}

/** How many deleted spool files of request bodies this process still holds open; 0 on systems without /proc. */
export function namelessFiles(): number {
  const open = '/proc/self/fd';
  if (!existsSync(open)) return 0;
  const target = (name: string) => {
    try {
      return readlinkSync(join(open, name));
    } catch {
      // The descriptor used for the listing itself.
      return '';
    }
  };
  return readdirSync(open).filter((name) => /\/keepline-[\da-f-]{36} \(deleted\)$/.test(target(name))).length;
}
