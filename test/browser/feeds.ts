/** The feeds of the browser test: a person in each language, one with hostile names, a neutral feed, an empty one. */
import type { Service } from '../../src/start.ts';

export type BrowserFeed = { name: string; path: string; userAgent?: string };

const DAY = 86_400_000;
const ago = (days: number) => new Date(Date.now() - days * DAY).toISOString().slice(0, 10);
const call = (days: number) => ({
  type: 'activity',
  at: ago(days),
  kind: 'call',
  direction: 'outgoing',
  charged: true,
});
const balance = (days: number, amount: string, currency: string) => ({
  type: 'balance',
  at: ago(days),
  amount: { amount, currency },
});
const topup = (days: number, amount: string, currency: string) => ({
  type: 'topup',
  at: ago(days),
  amount: { amount, currency },
  method: 'card',
});

const T2 = {
  rule: 'ru/t2/prepaid',
  number: '+79511114455',
  records: [call(61), balance(61, '300.00', 'RUB')],
};
const MEGAFON = {
  rule: 'ru/megafon/prepaid',
  number: '+79261234568',
  records: [call(118), balance(118, '540.00', 'RUB')],
};
const GIFFGAFF = {
  rule: 'gb/giffgaff/prepaid',
  number: '+447400123456',
  records: [topup(151, '10.00', 'GBP')],
};
const EE = { rule: 'gb/ee/prepaid', number: null, records: [call(170), topup(7, '10.00', 'GBP'), call(7)] };
const NOTHING = { rule: 'ru/beeline/prepaid', number: '+79031112233', records: [] };

export const HOSTILE = `<script>alert(1)</script>"'&</title> ${'long'.repeat(12)} !\${x}`;

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';
const ANDROID =
  'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36';

const PEOPLE = [
  {
    name: 'en',
    locale: 'en',
    zone: 'America/New_York',
    feed: { name: 'My numbers' },
    labels: ['Bank codes', 'Old work number'],
    userAgent: IPHONE,
  },
  {
    name: 'ru',
    locale: 'ru',
    zone: 'Europe/Berlin',
    feed: { name: 'Мои номера', alarms: 'events' },
    labels: ['Госуслуги', 'Дача'],
    userAgent: ANDROID,
  },
  {
    name: 'zh',
    locale: 'zh',
    zone: 'Asia/Shanghai',
    feed: { name: '我的号码' },
    labels: ['妈妈的号码', '备用卡'],
  },
  { name: 'hostile', locale: 'en', zone: 'UTC', feed: { name: HOSTILE }, labels: [HOSTILE, HOSTILE] },
  {
    name: 'neutral',
    locale: 'en',
    zone: 'UTC',
    feed: { name: 'Dates', detail: 'neutral' },
    labels: ['One', 'Two'],
  },
];

/** Creates people, lines, records and feeds through the API. */
export async function addFeeds({ server }: Service, key: string): Promise<BrowserFeed[]> {
  async function post(url: string, payload: object) {
    const answer = await server.inject({
      method: 'POST',
      url,
      payload,
      headers: { authorization: `Bearer ${key}` },
    });
    if (answer.statusCode >= 300) throw new Error(answer.body);
    return answer.json();
  }
  const made: BrowserFeed[] = [];
  for (const { name, locale, zone, feed, labels, userAgent } of PEOPLE) {
    const { id } = await post('/v1/users', { name, locale, time_zone: zone });
    for (const [index, { rule, number, records }] of [T2, MEGAFON, GIFFGAFF, EE, NOTHING].entries()) {
      const label = labels[index % labels.length];
      const line = await post(`/v1/users/${id}/lines`, { rule, label, ...(number ? { number } : {}) });
      for (const record of records) await post(`/v1/lines/${line.id}/records`, record);
    }
    const { urls } = await post(`/v1/users/${id}/feeds`, feed);
    made.push({ name, path: new URL(urls.page).pathname, ...(userAgent ? { userAgent } : {}) });
  }
  const { id } = await post('/v1/users', { name: 'empty', locale: 'en', time_zone: 'UTC' });
  const { urls } = await post(`/v1/users/${id}/feeds`, { name: 'Nothing yet' });
  return [...made, { name: 'empty', path: new URL(urls.page).pathname }];
}
