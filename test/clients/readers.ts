/** Programs that subscribe to a feed, each with its own parser, and what each then shows. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ICAL from 'ical.js';

const run = promisify(execFile);

/** One entry as a reader shows it. */
export type Shown = { uid: string; on: string; title: string };
export type Reader = {
  name: string;
  /** Fetches the calendar again and returns its entries. */
  read(url: string): Promise<Shown[]>;
  /** The program assigns its own UIDs, so UIDs cannot be compared. */
  ownUids?: boolean;
  close?(): Promise<void>;
};

const bodyOf = async (url: string): Promise<string> => {
  const answer = await fetch(url);
  if (answer.status !== 200) throw new Error(`${answer.status} instead of a calendar`);
  return answer.text();
};

export const icalJs = (): Reader => ({
  name: 'ical.js',
  async read(url) {
    const events = new ICAL.Component(ICAL.parse(await bodyOf(url))).getAllSubcomponents('vevent');
    return events.map((component) => {
      const event = new ICAL.Event(component);
      return { uid: event.uid, on: event.startDate.toString(), title: event.summary };
    });
  },
});

const PYTHON = `
import json, sys, icalendar
calendar = icalendar.Calendar.from_ical(sys.stdin.buffer.read())
print(json.dumps([{
    'uid': str(event['UID']), 'on': event['DTSTART'].dt.isoformat(), 'title': str(event['SUMMARY'])
} for event in calendar.walk('VEVENT')]))
`;

/** Null if Python has no icalendar package. */
export async function pythonIcalendar(): Promise<Reader | null> {
  for (const python of ['/usr/bin/python3', 'python3']) {
    const found = await run(python, ['-c', 'import icalendar']).then(
      () => true,
      () => false,
    );
    if (!found) continue;
    return {
      name: "python's icalendar",
      async read(url) {
        const body = await bodyOf(url);
        const child = run(python, ['-c', PYTHON], { maxBuffer: 10_000_000 });
        child.child.stdin?.end(body);
        return JSON.parse((await child).stdout);
      },
    };
  }
  return null;
}

const unfold = (text: string) => text.replace(/\r?\n[ \t]/g, '');
const plain = (text: string) => text.replace(/\\([,;\\])/g, '$1');

/** vdirsyncer synchronises the calendar to a folder, khal lists that folder; null if one of them is missing. */
export async function vdirsyncerWithKhal(): Promise<Reader | null> {
  for (const program of ['vdirsyncer', 'khal']) {
    const found = await run(program, ['--version']).then(
      () => true,
      () => false,
    );
    if (!found) return null;
  }
  const home = await mkdtemp(join(tmpdir(), 'keepline-clients-'));
  const env = { ...process.env, HOME: home, LC_ALL: 'C.UTF-8', XDG_CONFIG_HOME: join(home, 'config') };
  const folder = join(home, 'calendar');
  const config = join(home, 'vdirsyncer.conf');
  const khal = join(home, 'khal.conf');
  await writeFile(
    khal,
    `[calendars]\n[[numbers]]\npath = ${folder}\n[locale]\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\ndatetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\ntimeformat = %H:%M\n[sqlite]\npath = ${join(home, 'khal.db')}\n`,
  );
  return {
    name: 'vdirsyncer with khal',
    // It derives them from the content, so that of two entries with the same text it would keep one.
    ownUids: true,
    async read(url) {
      await writeFile(
        config,
        [
          `[general]\nstatus_path = "${join(home, 'status')}"`,
          '[pair numbers]\na = "here"\nb = "there"\ncollections = null\nconflict_resolution = "b wins"\npartial_sync = "revert"',
          `[storage here]\ntype = "filesystem"\npath = "${folder}"\nfileext = ".ics"`,
          `[storage there]\ntype = "http"\nurl = "${url}"`,
        ].join('\n'),
      );
      await run('bash', ['-c', `yes | vdirsyncer -c ${config} discover`], { env });
      await run('vdirsyncer', ['-c', config, 'sync', '--force-delete'], { env });
      const shown: Shown[] = [];
      for (const name of await readdir(folder)) {
        const text = unfold(await readFile(join(folder, name), 'utf8'));
        const [, day = ''] = /\nDTSTART;VALUE=DATE:(\d{8})/.exec(text) ?? [];
        const [, title = ''] = /\nSUMMARY:(.*?)\r?\n/.exec(text) ?? [];
        const on = day.replace(/(....)(..)(..)/, '$1-$2-$3');
        shown.push({ uid: '', on, title: plain(title) });
      }
      // khal has a parser of its own: it must list every title.
      const listed = await run('khal', ['-c', khal, 'list', '--format', '{title}', '2025-01-01', '1500d'], {
        env,
        maxBuffer: 10_000_000,
      });
      const lines = new Set(listed.stdout.split('\n').map((line) => line.trim()));
      const missing = shown.filter(({ title }) => !lines.has(title.trim()));
      if (missing.length > 0) throw new Error(`khal does not show ${JSON.stringify(missing[0])}`);
      return shown;
    },
    close: () => rm(home, { recursive: true, force: true }),
  };
}
