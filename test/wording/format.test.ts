import t from 'tap';
import { isObject } from '../../src/lib/is-object.ts';
import { parseAmount, parseDay } from '../../src/retention/index.ts';
import { loadRulebook } from '../../src/rulebook/index.ts';
import { visitAll } from '../../src/rulebook/walk.ts';
import { formatPartialDate } from '../../src/wording/format.ts';
import {
  formatDate,
  formatDayMonth,
  formatFrom,
  formatList,
  formatMoment,
  formatMoney,
  formatPhone,
  LOCALES,
  maskNumber,
  zoneCity,
} from '../../src/wording/index.ts';

const day = (text: string) => parseDay(text) as number;
const each = <T>(write: (locale: (typeof LOCALES)[number]) => T): T[] => LOCALES.map(write);

t.test('dates', async (t) => {
  t.same(
    each((locale) => formatDate(locale, day('2026-04-01'))),
    ['1 April 2026', '1 апреля 2026', '2026年4月1日'],
  );
  t.same(
    each((locale) => formatDayMonth(locale, day('2027-12-31'))),
    ['31 December', '31 декабря', '12月31日'],
  );
  t.same(
    each((locale) => formatFrom(locale, day('2026-05-02'))),
    ['from 2 May 2026', 'со 2 мая 2026', '2026年5月2日起'],
  );
  t.equal(formatFrom('ru', day('2026-05-22')), 'с 22 мая 2026');
  t.same(
    each((locale) => formatPartialDate(locale, '2015')),
    ['2015', '2015 год', '2015年'],
  );
  t.same(
    each((locale) => formatPartialDate(locale, '2026-11')),
    ['November 2026', 'ноябрь 2026', '2026年11月'],
  );
  t.equal(formatPartialDate('en', '2026-03-05'), '5 March 2026');
});

t.test('moments', async (t) => {
  const moment = new Date('2026-03-31T22:05:59.999Z');
  t.same(
    each((locale) => formatMoment(locale, moment, 'Europe/Berlin')),
    ['1 April 2026, 00:05', '1 апреля 2026, 00:05', '2026年4月1日 00:05'],
  );
  t.equal(formatMoment('en', moment, 'UTC'), '31 March 2026, 22:05');
});

t.test('money', async (t) => {
  const money = (text: string, currency: string) =>
    each((locale) => formatMoney(locale, parseAmount(text), currency).replaceAll('\u00a0', '_'));
  t.same(money('300', 'RUB'), ['300_₽', '300_₽', '300 卢布']);
  t.same(money('3.50', 'EUR'), ['€3.50', '3,50_€', '3.50 欧元']);
  t.same(money('15000', 'RUB'), ['15,000_₽', '15_000_₽', '15000 卢布']);
  t.same(money('1234567.8', 'GBP'), ['£1,234,567.80', '1_234_567,80_£', '1234567.80 英镑']);
  t.same(money('-0.0250', 'UAH'), ['−0.025_UAH', '−0,025_грн', '−0.025 格里夫纳']);
  t.same(money('3', 'USD'), ['US$3', '3_$', '3 美元']);
  t.same(money('50', 'XAF'), ['50_XAF', '50_XAF', '50 XAF']);
});

t.test('no rule that ships leaves a code or a zone of its own in a Russian or Chinese text', async (t) => {
  const { rulebook } = await loadRulebook(new URL('../../rules', import.meta.url).pathname);
  const carriers = [...rulebook.rules.values()].map(({ carrier }) => carrier);
  // XXX is no currency: of lines by no carrier in particular.
  const currencies = new Set(carriers.map(({ currency }) => currency).filter((code) => code !== 'XXX'));
  const zones = new Set(carriers.map(({ time_zone }) => time_zone).filter((zone) => zone !== 'UTC'));
  t.ok(currencies.size > 20 && zones.size > 20);
  const bare = (locale: 'ru' | 'zh') => [
    ...[...currencies].filter((code) => formatMoney(locale, parseAmount('5'), code).includes(code)),
    ...[...zones].filter((zone) => zoneCity(locale, zone) === zone),
  ];
  t.same(bare('ru'), []);
  t.same(bare('zh'), []);
});

t.test('rules name their currency in Russian and Chinese as an amount of it does', async (t) => {
  const { rulebook } = await loadRulebook(new URL('../../rules', import.meta.url).pathname);
  const found = new Set<string>();
  for (const { carrier } of rulebook.rules.values()) {
    visitAll(carrier, (text) => {
      if (!isObject(text) || typeof text.ru !== 'string') return;
      for (const said of [text.ru, String(text.zh)]) if (said.includes(carrier.currency)) found.add(said);
    });
  }
  t.same([...found], []);
});

t.test('lists', async (t) => {
  const list = (items: string[], joint?: 'or') => each((locale) => formatList(locale, items, joint));
  t.same(list([]), ['', '', '']);
  t.same(list(['a']), ['a', 'a', 'a']);
  t.same(list(['a', 'b', 'c']), ['a, b and c', 'a, b и c', 'a、b 和 c']);
  t.same(list(['a', 'b'], 'or'), ['a or b', 'a или b', 'a 或 b']);
  t.equal(
    formatList('zh', ['+7 999（免费）', '611（境外不可用）'], 'or'),
    '+7 999（免费）或 611（境外不可用）',
  );
  t.equal(formatList('zh', ['“停机”', '“销号”']), '“停机”和“销号”');
});

t.test('no more than the end of a number', async (t) => {
  t.equal(maskNumber('+79161234567'), '…4567');
  t.equal(maskNumber('+7 (916) 123-45-67'), '…4567');
  t.equal(maskNumber('1234567'), '…4567');
  t.equal(maskNumber('123456'), '…56', 'a short one hides as well');
  t.equal(formatPhone('+79515200611'), '+7 951 520-06-11');
  t.equal(formatPhone('88002500890'), '8 800 250-08-90');
  t.equal(formatPhone('611'), '611');
  t.equal(formatPhone('+37180768076'), '+37180768076');
});

t.test('whose time it is', async (t) => {
  t.same(
    each((locale) => zoneCity(locale, 'Europe/Moscow')),
    ['Moscow', 'Москвы', '莫斯科'],
  );
  t.same(
    each((locale) => zoneCity(locale, 'America/New_York')),
    ['New York', 'Нью-Йорка', '纽约'],
  );
  t.same(
    each((locale) => zoneCity(locale, 'Pacific/Apia')),
    ['Pacific/Apia', 'Pacific/Apia', 'Pacific/Apia'],
  );
});
