/** A small valid rule file, and helpers to break it. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadRulebook, printProblem } from '../../src/rulebook/index.ts';

export const SOUND = `# yaml-language-server: $schema=../schema.json
carrier: gb/acme
names: { en: Acme, ru: Акме, zh: 阿克梅 }
time_zone: Europe/London
currency: GBP
checks:
  - kind: balance
    ussd: "*100#"
    text: { en: Dial it., ru: Наберите код., zh: 拨打代码。 }
    evidence: [terms]
support: []
channels:
  - kind: app
    name: { en: App, ru: Приложение, zh: 应用 }
    from_abroad: true
    text: { en: Pay in the app., ru: Платите в приложении., zh: 在应用内付款。 }
    cautions: [slow]
    evidence: [terms]
cautions:
  slow:
    text: { en: It may take a day., ru: Может занять день., zh: 可能要一天。 }
    evidence: [terms]
evidence:
  terms: { kind: carrier, source: acme.example/terms, dated: 2026-01-02, seen: 2026-11, confidence: high, says: Six months. }
rules:
  - id: prepaid
    name: { en: Prepaid, ru: Предоплата, zh: 预付费 }
    facts:
      nationality: { values: [local, foreign], text: { en: Whose passport?, ru: Чей паспорт?, zh: 哪国护照？ } }
    versions:
      - since: 2020-01-01
        events:
          use: { any: [{ type: activity, charged: true }, credit] }
          credit: { type: topup, least: 1 GBP }
        clocks:
          idle:
            name: { en: idle, ru: простой, zh: 闲置 }
            restarts_on: [use]
            runs: { earliest: 180 days, latest: 6 months }
            evidence: [terms]
            ended:
              - { stage: suspended, lasts: 30 days, cures: [top_up] }
              - { stage: lost }
          credit_gone:
            name: { en: credit, ru: деньги, zh: 余额 }
            restarts_on: [credit]
            runs: { by: amount, tiers: { 1 GBP: 30 days, 5 GBP: 90 days } }
            evidence: [terms]
            ended: [{ stage: restricted }]
        actions:
          top_up:
            does: credit
            how: topup
            channels: [app]
            from_abroad: true
            text: { en: Top up., ru: Пополните счёт., zh: 请充值。 }
    examples:
      - name: Half a year after a call
        given: [{ type: activity, at: 2026-01-01, kind: call, direction: outgoing, charged: true }]
        as_of: 2026-01-02
        gives: { act_by: 2026-06-30, clocks: { idle: 2026-06-30 } }
      - name: Suspended, then lost
        given: [{ type: topup, at: 2026-01-01, amount: 5 GBP }]
        as_of: 2026-05-01
        gives: { stage: restricted, lost_on: 2026-07-31, stages: [{ stage: suspended, from: 2026-07-01 }, { stage: lost }] }
      - name: Nothing is known
        given: []
        facts: { nationality: local }
        as_of: 2026-01-02
        gives: { stage: unknown, lost_on: null }
`;

/** The valid file with one text replaced; throws if the text is not in it. */
export function broken(from: string, to: string, file = SOUND): string {
  if (!file.includes(from)) throw new Error(`The sound file has no ${JSON.stringify(from)}`);
  return file.replace(from, () => to);
}

type Cleaner = { teardown: (clean: () => Promise<void>) => void };

/** A temporary folder with these files, removed when the test ends. */
export async function folderOf(t: Cleaner, files: Record<string, string | Uint8Array>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'keepline-rules-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

/** The problems that loading a folder reports, with the folder's path written as `rules`. */
export async function wrongIn(folder: string): Promise<string[]> {
  const { problems } = await loadRulebook(folder);
  return problems.map((problem) => printProblem(problem).replace(folder, 'rules'));
}

/** The problems of a single file at `gb/acme.yaml`, without its name. */
export async function wrongWith(t: Cleaner, text: string | Uint8Array): Promise<string[]> {
  const problems = await wrongIn(await folderOf(t, { 'gb/acme.yaml': text }));
  return problems.map((problem) => problem.replace('rules/gb/acme.yaml:', ''));
}
