import t from 'tap';
import { parseDay } from '../../src/retention/index.ts';
import type { StageEntry } from '../../src/retention/timeline.ts';
import { isOver, pictureWindow, possibleWorseStage, spansOf, stagesToList } from '../../src/web/stages.ts';
import { stagePatterns, timelineSvg } from '../../src/web/timeline-svg.ts';
import type { Locale } from '../../src/wording/index.ts';
import { HOSTILE, T2, TODAY } from './fixture.ts';

const day = (text: string) => parseDay(text) as number;
const today = day(TODAY);
const stage = (name: string, from: string | null, rest: Partial<StageEntry> = {}) =>
  ({
    stage: name,
    from: from && day(from),
    latest_from: from && day(from),
    certainty: 'certain',
    because: { clock: null, record: null, fact: null, evidence: [] },
    ...rest,
  }) as StageEntry;

const draw = (locale: Locale, who = '…4455') => {
  const { timeline } = T2();
  const window = pictureWindow(today, timeline.act_by);
  const rest = { timeline, window, today, actBy: timeline.act_by, actByTerm: 'Last safe day', locale };
  return timelineSvg({ id: 'one', who, ...rest });
};
const inTag = (svg: string, tag: string) => new RegExp(`<${tag}[^>]*>([^<]*)</${tag}>`).exec(svg)?.[1];

t.test('the window: ninety days back, a year ahead or sixty days past the last safe day', async (t) => {
  t.same(pictureWindow(today, null), { from: today - 90, until: day('2027-03-15') });
  t.same(pictureWindow(today, today + 10), { from: today - 90, until: day('2027-03-15') });
  t.same(pictureWindow(today, today + 500), { from: today - 90, until: today + 560 });
});

t.test('spans: by the earliest reading, cut to the window, what is not known before them', async (t) => {
  const window = pictureWindow(today, null);
  const stages = [
    stage('active', '2026-01-20'),
    stage('lost', '2026-04-21', { certainty: 'may' }),
    stage('fee_running', '2026-05-21'),
    stage('receive_only', '2026-05-21', { latest_from: null }),
    stage('lost', null, { latest_from: day('2026-12-01') }),
    stage('lost', '2028-01-01'),
  ];
  const told = stagesToList({ stages }, window);
  t.same(told, stages);
  const { certain, may } = spansOf({ stages }, told, window);
  t.same(
    certain.map(({ stage, from, until, number, isSure }) => [stage, from, until, number, isSure]),
    [
      ['unknown', window.from, day('2026-01-20'), 0, true],
      ['active', day('2026-01-20'), day('2026-05-21'), 1, true],
      ['receive_only', day('2026-05-21'), window.until, 4, false],
    ],
    'a stage overtaken on its own day has no length, one beyond the window no place',
  );
  t.same(
    may.map(({ stage, from, until }) => [stage, from, until]),
    [['lost', day('2026-04-21'), window.until]],
  );
  const renewed = [...stages.slice(0, 2), stage('active', '2026-06-01')];
  t.same(spansOf({ stages: renewed }, renewed, window).may[0]?.until, day('2026-06-01'));
  const old = [
    stage('active', '2024-01-01'),
    stage('suspended', '2024-05-01'),
    stage('active', '2025-01-01'),
  ];
  t.same(stagesToList({ stages: old }, window), old.slice(2), 'what was over before the window is not told');
  t.same(
    spansOf({ stages: [] }, [], window).certain.map(({ stage }) => stage),
    ['unknown'],
  );
});

t.test('what the carrier may have done before the window is told as well as drawn', async (t) => {
  const window = pictureWindow(today, null);
  const may = stage('reissuable', '2025-06-01', { certainty: 'may' });
  const stages = [stage('active', '2025-01-01'), may, stage('fee_running', '2025-09-01')];
  t.same(stagesToList({ stages }, window), [may, stages[2]]);
  const mended = [...stages, stage('active', '2025-11-01')];
  t.same(stagesToList({ stages: mended }, window), [mended[3]], 'but for what a record has made good');
});

t.test('what a line may be in already, by another reading or the carrier’s choice', async (t) => {
  const maybe = (present: string, ...stages: StageEntry[]) =>
    possibleWorseStage({ stages, stage: present as StageEntry['stage'], as_of: today });
  const active = stage('active', '2025-01-01');
  const lost = (rest: Partial<StageEntry>, from: string | null = '2026-02-01') => stage('lost', from, rest);
  t.equal(maybe('active', active, lost({ latest_from: today + 9 })), 'lost');
  t.equal(maybe('active', active, lost({ latest_from: null })), 'lost');
  t.equal(maybe('active', active, lost({ latest_from: day('2026-02-01') }, null)), 'lost');
  t.equal(maybe('fee_running', active, lost({ certainty: 'may' })), 'lost');
  t.equal(maybe('active', active, lost({ certainty: 'may' }), stage('active', '2026-03-01')), null);
  t.equal(maybe('active', active, lost({ latest_from: null }, '2026-03-16')), null, 'not before its day');
  t.equal(maybe('lost', active, lost({})), null, 'no worse than what is said');
  t.equal(maybe('lost', lost({}), stage('reissuable', '2026-03-01', { certainty: 'may' })), null);
  t.equal(maybe('unknown'), null);
});

t.test('a stage is over once another has taken its place in both readings', async (t) => {
  const active = stage('active', '2025-01-01');
  const over = (...later: StageEntry[]) => isOver({ stages: [active, ...later], as_of: today }, active);
  t.equal(over(), false);
  t.equal(over(stage('lost', '2026-02-01')), true);
  t.equal(over(stage('lost', '2026-02-01', { latest_from: null })), false, 'only in one');
  t.equal(over(stage('lost', '2026-02-01', { latest_from: today + 9 })), false, 'not yet in the other');
  t.equal(over(stage('lost', '2026-02-01', { certainty: 'may' })), false, 'only perhaps');
});

t.test('in words, for who cannot see it', async (t) => {
  const english = draw('en');
  t.match(
    english,
    /^<svg class="timeline" role="img" aria-labelledby="one-title" aria-describedby="one-desc"/,
  );
  t.equal(inTag(english, 'title'), 'Timeline: …4455');
  const said = inTag(english, 'desc') as string;
  t.match(said, /^From 15 December 2025 to 14 March 2027\. Today is 15 March 2026\./);
  t.match(said, 'Last safe day: 20 April 2026.');
  t.match(said, 'Active, from 20 January 2026.');
  t.match(said, 'Lost from 21 April 2026, if the carrier chooses.');
  t.match(said, 'A fee is running, from 21 May 2026.');
  t.match(inTag(draw('ru'), 'desc') as string, /Сегодня 15 марта 2026\..*Работает — с 20 января 2026\./);
  t.match(inTag(draw('zh'), 'desc') as string, /今天是2026年3月15日。.*2026年1月20日起：正常。/);
});

t.test('no two stages look alike without their colours', async (t) => {
  const patterns = [...stagePatterns().matchAll(/<g class="marks">(.*?)<\/g>/g)].map(([, marks]) => marks);
  t.equal(patterns.length, 8);
  t.equal(new Set(patterns).size, 8);
});

t.test('well-formed, without styles or addresses, whoever it is of', async (t) => {
  for (const locale of ['en', 'ru', 'zh'] as const) {
    const svg = draw(locale, HOSTILE);
    t.notMatch(svg, /<script|style=|href|NaN|undefined|Infinity/);
    t.match(inTag(svg, 'title') as string, '&#60;script&#62;alert(1)');
    const open: string[] = [];
    for (const [, close, name, self] of svg.matchAll(/<(\/?)([a-z]+)(?:[^<>"]|"[^"]*")*?(\/?)>/g)) {
      if (close) t.equal(open.pop(), name);
      else if (!self) open.push(name as string);
    }
    t.same(open, []);
    for (const [, percent] of svg.matchAll(/(?:x|x1|x2|width)="([\d.-]+)%"/g)) {
      t.ok(Number(percent) >= 0 && Number(percent) <= 100);
    }
  }
});
