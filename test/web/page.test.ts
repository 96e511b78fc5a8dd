import { hash } from 'node:crypto';
import t from 'tap';
import { type AgendaPayment, agendaOf } from '../../src/agenda/index.ts';
import { feedLinks } from '../../src/http/cal/address.ts';
import { parseDay } from '../../src/retention/index.ts';
import {
  comingEntries,
  deviceOf,
  endedPage,
  POLICY,
  type SubscribePage,
  subscribePage,
} from '../../src/web/index.ts';
import { LOCALES, type Locale } from '../../src/wording/index.ts';
import { balance, call, HOSTILE, line, rulebook, T2, TODAY } from './fixture.ts';

const AGENTS = {
  iphone:
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1',
  chrome:
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 CriOS/140.0 Mobile/15E148 Safari/604.1',
  mac: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15',
  pixel: 'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36',
  wechat:
    'Mozilla/5.0 (Linux; Android 15; V2309A) AppleWebKit/537.36 Mobile Safari/537.36 MicroMessenger/8.0.50',
  windows:
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0',
  mail: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148',
  webview:
    'Mozilla/5.0 (Linux; Android 15; Pixel 9; wv) AppleWebKit/537.36 Version/4.0 Chrome/140.0.0.0 Mobile Safari/537.36',
  linux: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
};

function page(rest: Partial<SubscribePage> = {}, feed: Partial<SubscribePage['feed']> = {}): string {
  const lines = rest.lines ?? [T2()];
  const entries = comingEntries(
    lines.flatMap((one) => agendaOf(one)),
    TODAY,
  );
  const full = { name: 'Phones', detail: 'full', alarms: 'valarm', show_balance: false, ...feed } as const;
  return subscribePage({
    links: feedLinks('https://keepline.example', 'klf_token', full.name),
    feed: full,
    fetched: { by: [], time_zone: 'Asia/Shanghai', isSilent: false },
    locale: 'en',
    device: deviceOf(undefined),
    today: TODAY,
    lines,
    all: lines.length,
    withoutRule: 0,
    entries,
    ...rest,
  });
}
const buttons = (html: string) =>
  [...html.matchAll(/class="button" id="to-(\w+)" href="([^"]*)"/g)].map(([, name]) => name);

t.test('the way for the device comes first, and all others follow', async (t) => {
  const firsts = Object.entries(AGENTS).map(([name, agent]) => [
    name,
    buttons(page({ device: deviceOf(agent) }))[0],
  ]);
  t.same(Object.fromEntries(firsts), {
    iphone: 'apple',
    chrome: 'apple',
    mac: 'apple',
    pixel: 'android',
    wechat: 'android',
    mail: 'apple',
    webview: 'android',
    windows: 'outlook',
    linux: 'google',
  });
  t.same(buttons(page()).sort(), ['android', 'apple', 'google', 'office', 'outlook']);
  t.match(page(), 'Install ICSx⁵ first');
  t.match(page(), '<h2>Other ways</h2>');
  t.match(page({ device: deviceOf(AGENTS.chrome) }), 'open this page in Safari');
  for (const inside of [AGENTS.wechat, AGENTS.mail, AGENTS.webview]) {
    t.match(page({ device: deviceOf(inside) }), 'open it in your browser');
  }
  t.notMatch(page({ device: deviceOf(AGENTS.iphone) }), /open this page in Safari|open it in your browser/);
  t.doesNotThrow(() => deviceOf('x'.repeat(100_000)));
});

t.test('it says how late each is, and whether it rings', async (t) => {
  const usual = page();
  t.match(usual, 'Often 4 to 24 hours');
  t.match(usual, 'Does not ring: Google ignores');
  t.match(usual, 'leave “Remove Alerts” off');
  t.notMatch(page({}, { alarms: 'none' }), /Remove Alerts|Rings/);
  t.match(page({}, { alarms: 'events' }), 'the reminders are entries of their own');
  const links = feedLinks('http://keepline.home:3000', 'klf_token', 'Phones');
  t.match(page({ links }), 'may be out of their reach');
  t.match(page({ links }), 'href="webcal://keepline.home:3000/cal/klf_token/Phones.ics"');
  t.match(usual, 'id="to-android" href="webcals://keepline.example/cal/klf_token/Phones.ics"');
});

t.test('an address that leads to the machine itself is no way for others', async (t) => {
  const at = (origin: string) => page({ links: feedLinks(origin, 'klf_token', 'Phones') });
  for (const origin of [
    'http://127.0.0.1:3000',
    'http://localhost:3000',
    'http://[::1]:3000',
    'http://0.0.0.0:3000',
  ]) {
    t.match(at(origin), 'works on this computer only', origin);
    t.notMatch(at(origin), /may be out of their reach|id="scan"/, origin);
  }
  for (const origin of ['https://keepline.example', 'http://keepline.home:3000', 'http://192.168.1.5:3000']) {
    t.notMatch(at(origin), 'works on this computer only', origin);
    t.match(at(origin), 'id="scan"', origin);
  }
});

t.test('what the policy names is what stands there, and nothing comes from elsewhere', async (t) => {
  const html = page();
  for (const tag of ['style', 'script']) {
    const all = [...html.matchAll(new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`, 'g'))];
    t.equal(all.length, 1);
    t.match(POLICY, `${tag}-src 'sha256-${hash('sha256', all[0]?.[1] as string, 'base64')}'`);
  }
  t.notMatch(html, /\sstyle=|\son\w+=|<img|<link|<iframe|<form|\ssrc=|@import|url\(h/i);
  t.match(html, /<button id="copy" type="button" hidden/, 'without scripts there is no button');
  t.match(
    html,
    /<input id="address" readonly value="https:\/\/keepline.example\/cal\/klf_token\/Phones.ics"/,
  );
});

t.test('each date unfolds into record, clock, fact and source', async (t) => {
  const html = page();
  t.match(html, /<dt>Counted from<\/dt><dd>The call on 20 January 2026<\/dd>/);
  t.match(html, /<dt>What runs<\/dt><dd>[^<]+<\/dd>/);
  t.match(html, /<dt>How long<\/dt><dd>120 days<\/dd>/);
  t.match(html, /<p>Source: [^<]+<\/p>/);
  t.equal(html.split('<details>').length, html.split('</details>').length);
  t.match(html, /Why this date: [^<]+counted from the call on 20 January 2026/);
});

t.test('in each language, with its tag', async (t) => {
  const heads = { en: 'What comes next', ru: 'Что дальше', zh: '接下来' };
  const tags = { en: 'en', ru: 'ru', zh: 'zh-Hans' };
  for (const locale of LOCALES) {
    const html = page({ locale });
    t.match(html, `<html lang="${tags[locale]}">`);
    t.match(html, heads[locale]);
    t.match(
      html,
      `<a href="?lang=${locale}" lang="${tags[locale]}" hreflang="${tags[locale]}" aria-current="true">`,
    );
    for (const other of LOCALES) t.match(html, `href="?lang=${other}"`);
    t.match(endedPage(locale), `<html lang="${tags[locale]}">`);
  }
});

t.test('whatever a person typed is text', async (t) => {
  const hostile = line({ rule: 'ru/t2/prepaid', label: HOSTILE, number: null }, [call('2026-01-20')]);
  for (const locale of LOCALES) {
    const html = page({ locale, lines: [hostile] }, { name: HOSTILE });
    t.equal(html.split('<script').length, 2, 'only its own script');
    t.equal(html.split('</title>').length, html.split('<title').length);
    t.match(html, '&#60;script&#62;alert(1)&#60;/script&#62;');
    t.notMatch(html, 'alert(1)</');
  }
});

t.test('no name turns or hides the text beside it', async (t) => {
  const sly = '\u202egnihton\u2066\u0007 me';
  const named = line({ rule: 'ru/t2/prepaid', label: sly, number: '+79511114455' }, [call('2026-01-20')]);
  const nameless = line({ rule: 'ru/t2/prepaid', label: sly, number: null }, [call('2026-01-20')]);
  for (const one of [named, nameless]) {
    const html = page({ lines: [one] }, { name: sly });
    t.notMatch(html, /[\u0000-\u0008\u202a-\u202e\u2066-\u2069]/);
    t.match(html, '<h1><bdi>gnihton me</bdi></h1>');
    t.match(html, /<h3 [^>]*>.*<bdi>gnihton me<\/bdi>.*<\/h3>/i);
  }
});

t.test(
  'masked leaves out the names of lines, neutral carrier and number too, also in the picture',
  async (t) => {
    const names = /Bank codes/;
    t.match(page(), names);
    t.match(page(), /…\u20604455/);
    const masked = page({}, { detail: 'masked' });
    t.notMatch(masked, names);
    t.match(masked, /…\u20604455[\s\S]*T2/);
    const { booked } = T2();
    for (const locale of LOCALES) {
      const html = page({ locale }, { detail: 'neutral' });
      t.notMatch(html, names);
      t.notMatch(html, /4455|\bT2\b|Tele2|Moscow|Москв|莫斯科|₽|RUB|卢布/);
      for (const name of Object.values(booked.carrier.names)) t.notOk(html.includes(name), name);
      for (const { source } of Object.values(booked.carrier.evidence)) t.notOk(html.includes(source), source);
      for (const clock of Object.values(booked.rule.versions[0]?.clocks ?? {})) {
        t.notOk(html.includes(clock.name[locale]), clock.name[locale]);
      }
      t.match(html, '<desc');
    }
  },
);

t.test('neutral names no carrier, whichever it is', async (t) => {
  const told: string[] = [];
  for (const [rule, { carrier }] of rulebook.rules) {
    const topup = {
      type: 'topup',
      at: '2025-11-20',
      amount: { amount: '10.00', currency: carrier.currency },
    };
    const one = line({ rule, label: 'Bank codes', number: '+79511114455' }, [
      topup as never,
      call('2025-11-20'),
    ]);
    for (const locale of LOCALES) {
      const html = page({ locale, lines: [one] }, { detail: 'neutral' });
      const words = html.slice(html.indexOf('id="next"')).replace(/<[^>]*>/g, '\n');
      const names = [...Object.values(carrier.names), carrier.currency];
      told.push(...names.filter((name) => words.includes(name)).map((name) => `${rule} ${locale}: ${name}`));
    }
  }
  t.same(told, []);
});

t.test('what is overdue stands there once, and as such', async (t) => {
  const late = line({ rule: 'ru/t2/prepaid', number: '+79511114455' }, [
    balance('2025-09-20', '300.00'),
    call('2025-09-20'),
  ]);
  const entries = comingEntries(agendaOf(late), TODAY);
  t.equal(entries.filter(({ kind }) => kind === 'overdue').length, 1);
  const html = page({ lines: [late] });
  t.match(
    html,
    /<dt>Overdue<\/dt><dd>\d+ days overdue <span class="quiet">The last safe day was 18 December 2025/,
  );
  t.match(html, 'class="late"');
  t.match(html, 'Last day before it gets worse');
  t.notMatch(html, '<dt>Last safe day');
});

t.test('of a number that is gone there is no last day', async (t) => {
  const lost = line({ rule: 'gb/giffgaff/prepaid' }, [
    { type: 'topup', at: '2025-01-01', amount: { amount: '10', currency: 'GBP' } },
  ]);
  t.match(lost, { timeline: { stage: 'lost', act_by: null } });
  t.notMatch(page({ lines: [lost] }), 'Not known');
});

t.test(
  'west of the carrier, its last day is a day too late, and the picture is of the reader’s day',
  async (t) => {
    const lines = [line({ rule: 'ru/t2/prepaid' }, [call('2025-12-15')], 'America/New_York')];
    t.match(lines, [{ timeline: { act_by: parseDay('2026-03-15') } }]);
    const html = page({ lines, today: '2026-03-15' });
    t.match(html, />14 March 2026<[\s\S]*1 day overdue/);
    t.notMatch(html, 'today is the last day');
    const before = page({ lines, today: '2026-03-14' });
    t.match(before, 'today is the last day');
    t.match(before, 'Today is 14 March 2026.');
  },
);

t.test('a state that is not certain says what it may be already', async (t) => {
  const told = (stage: string) => new RegExp(`<dt>[^<]+</dt><dd>[^<]+ <span class="left">${stage}</span>`);
  const late = line({ rule: 'ru/t2/prepaid', number: '+79511114455' }, [
    balance('2025-10-20', '300.00'),
    call('2025-10-20'),
  ]);
  t.match(page({ lines: [late] }), told('perhaps already: lost'));
  t.match(page({ lines: [late], locale: 'ru' }), told('возможно, уже: потерян'));
  t.match(page({ lines: [late], locale: 'zh' }), told('也可能已是：销号'));
  t.notMatch(page(), 'perhaps already');
  t.notMatch(page(), told('not certain'));
  // Its fee runs after 45 days by one source, and after 89 by another.
  const disputed = line({ rule: 'ru/megafon/prepaid' }, [
    balance('2026-01-20', '540.00'),
    call('2026-01-20'),
  ]);
  t.match(page({ lines: [disputed] }), told('not certain'));
  t.match(page({ lines: [disputed], locale: 'ru' }), told('точно неизвестно'));
});

t.test('many lines, none, and some without a rule', async (t) => {
  t.match(page({ all: 73 }), 'Only the first 1 of 73 numbers are here');
  t.notMatch(page({ all: 1 }), 'Only the first');
  const empty = page({ lines: [], entries: [] });
  t.match(empty, 'There is no number in this calendar yet.');
  t.notMatch(empty, 'What comes next');
  t.match(page({ entries: [] }), 'This calendar has no entry ahead.');
  t.match(page({ withoutRule: 1, all: 2 }), 'One line has no dates here');
  const unknown = page({ lines: [line({ rule: 'ru/t2/prepaid' }, [])] });
  t.match(unknown, /<dt>State today<\/dt><dd>Not known/);
  const missing =
    /<p class="quiet">What is missing:<\/p><ul class="quiet"><li>Not known from which day this counts/;
  t.match(unknown, missing, 'why there is no last safe day');
  t.notMatch(
    page({ lines: [line({ rule: 'ru/t2/prepaid' }, [])] }, { detail: 'neutral' }),
    'What is missing',
  );
});

t.test('it says when each family of calendars fetched it last', async (t) => {
  const told = (by: [client: string | null, last_fetched_at: string][], isSilent = false, locale?: Locale) =>
    page({
      fetched: {
        by: by.map(([client, last_fetched_at]) => ({ client, last_fetched_at })),
        time_zone: 'Asia/Shanghai',
        isSilent,
      },
      ...(locale ? { locale } : {}),
    });
  const [late, early] = ['2026-03-14T20:05:00.000Z', '2026-03-02T01:00:00.000Z'];
  t.match(told([]), 'No calendar has fetched this yet.');
  t.match(told([['google', late]]), 'A calendar last fetched this: 15 March 2026, 04:05 · Google.');
  t.match(told([['other', late]]), 'A calendar last fetched this: 15 March 2026, 04:05.');
  t.match(
    told([
      ['apple', late],
      ['other', early],
      ['google', early],
    ]),
    'A calendar last fetched this: 15 March 2026, 04:05 · Apple; 2 March 2026, 09:00 · Google.',
    'one that fetches hides none that no longer does',
  );
  t.match(
    told(
      [
        ['apple', late],
        ['google', early],
      ],
      false,
      'zh',
    ),
    '日历程序最近一次同步：2026年3月15日 04:05 · Apple；2026年3月2日 09:00 · Google。',
  );
  t.notMatch(told([['google', late]]), 'Nobody is being reminded');
  t.match(told([['google', early]], true), 'Nobody is being reminded');
});

t.test('a last safe day that counts on a payment says so', async (t) => {
  const { timeline, ...rest } = T2();
  const told = (confirmed_act_by: number | null, provisional = true) =>
    page({ lines: [{ ...rest, timeline: { ...timeline, provisional, confirmed_act_by } }] });
  const actBy = timeline.act_by as number;
  t.match(
    told(actBy - 10),
    /<\/span><p class="quiet">This counts on a payment [^<]*Without it the last day is/,
  );
  t.match(told(null), 'This counts on a payment that is not confirmed yet.<');
  const awaited: AgendaPayment = {
    id: 'payment_1',
    state: 'pending',
    paid_at: '2026-03-01',
    amount: { amount: '300', currency: 'RUB' },
    channel: 'app',
    reference: null,
    record: null,
    proved: true,
    since: '2026-03-01T09:00:00.000Z',
  };
  const several = { timeline: { ...timeline, provisional: true, confirmed_act_by: null } };
  t.match(
    page({ lines: [{ ...rest, ...several, payments: [awaited, awaited] }] }),
    'This counts on payments that are not confirmed yet.<',
  );
  t.notMatch(told(actBy), 'This counts on a payment', 'what it moves is another day');
  t.notMatch(told(actBy, false), 'This counts on a payment');
});
