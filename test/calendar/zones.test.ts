import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';

const script = fileURLToPath(new URL('./print-feeds.ts', import.meta.url));

type Printed = { offset: number; bodies: string[]; windows: unknown[]; conditions: boolean[] };

async function printedIn(zone: string): Promise<Printed> {
  const { stdout } = await promisify(execFile)(process.execPath, [script], {
    env: { TZ: zone },
    maxBuffer: 10_000_000,
  });
  return JSON.parse(stdout);
}

t.test('a feed has the same bytes in whatever zone its process runs, and in each run', async (t) => {
  const zones = ['UTC', 'Asia/Shanghai', 'America/New_York', 'Pacific/Apia', 'UTC'];
  const printed = await Promise.all(zones.map(printedIn));
  t.same(
    printed.map(({ offset }) => offset),
    [0, -480, 300, 660, 0],
    'the processes really stand in these zones',
  );
  const [utc, ...others] = printed;
  t.ok(utc!.bodies.every((body) => body.startsWith('BEGIN:VCALENDAR\r\n')));
  for (const [index, other] of others.entries()) {
    t.same(other.bodies, utc!.bodies, zones[index + 1]!);
    t.same(other.windows, utc!.windows);
    t.same(other.conditions, [false, true], 'a date of HTTP without a zone is UTC');
  }
});
