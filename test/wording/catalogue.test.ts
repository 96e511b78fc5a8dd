import { readdirSync, readFileSync } from 'node:fs';
import { IntlMessageFormat } from 'intl-messageformat';
import t from 'tap';
import { catalogues, LOCALES, type MessageKey, say } from '../../src/wording/index.ts';

type Element = ReturnType<IntlMessageFormat['getAst']>[number];
const keys = Object.keys(catalogues.en) as MessageKey[];
const parse = (locale: (typeof LOCALES)[number], key: MessageKey): Element[] =>
  new IntlMessageFormat(catalogues[locale][key], locale, undefined, { ignoreTag: true }).getAst();

/** Every element of a message, those within its choices too. */
const elements = (message: Element[]): Element[] =>
  message.flatMap((element) => [
    element,
    ...('options' in element ? Object.values(element.options).flatMap(({ value }) => elements(value)) : []),
  ]);
const LITERAL = 0;
const SELECT = 5;
const PLURAL = 6;
const POUND = 7;

/** What a message must be given: its placeholders, and the choices between which it selects. */
function asks(message: Element[]): string[] {
  const asked = new Set<string>();
  for (const element of elements(message)) {
    if (element.type === LITERAL || element.type === POUND) continue;
    const options =
      element.type === SELECT && 'options' in element ? Object.keys(element.options).sort() : [];
    asked.add([(element as { value: string }).value, ...options].join(' '));
  }
  return [...asked]
    .filter((name, _, all) => name.includes(' ') || !all.some((other) => other.startsWith(`${name} `)))
    .sort();
}

t.test('every language has every text, asking for the same', async (t) => {
  for (const locale of LOCALES) {
    t.same(Object.keys(catalogues[locale]).sort(), [...keys].sort(), `${locale} is complete`);
    const differing = keys.filter((key) => asks(parse(locale, key)).join() !== asks(parse('en', key)).join());
    t.same(differing, [], `${locale} has the placeholders of English`);
    t.same(
      keys.filter((key) => catalogues[locale][key].trim() !== catalogues[locale][key]),
      [],
      'no stray blanks',
    );
  }
});

t.test('no number is left to Intl, and no plural form is missing', async (t) => {
  const forms = { en: ['one', 'other'], ru: ['few', 'many', 'one', 'other'], zh: ['other'] };
  for (const locale of LOCALES) {
    for (const key of keys) {
      for (const element of elements(parse(locale, key))) {
        if (![LITERAL, 1, SELECT, PLURAL].includes(element.type)) t.fail(`${locale} ${key}: formats by Intl`);
        if (element.type === PLURAL && 'options' in element) {
          const given = Object.keys(element.options).sort();
          const least = locale === 'zh' ? ['other'] : ['one', 'other'];
          const sound =
            least.every((form) => given.includes(form)) &&
            given.every((form) => forms[locale].includes(form));
          if (!sound) t.fail(`${locale} ${key}: has ${given}`);
        }
      }
    }
  }
  t.equal(say('ru', 'fact.days', { count: 1 }), '1 день');
  t.equal(say('ru', 'fact.days', { count: 2 }), '2 дня');
  t.equal(say('ru', 'fact.days', { count: 5 }), '5 дней');
  t.equal(say('ru', 'fact.days', { count: 11 }), '11 дней');
  t.equal(say('ru', 'fact.days', { count: 21 }), '21 день');
  t.equal(say('ru', 'fact.years', { count: 5 }), '5 лет');
  t.equal(say('en', 'fact.days', { count: 1 }), '1 day');
  t.equal(say('en', 'fact.days', { count: 1183 }), '1183 days');
  t.equal(say('zh', 'fact.months', { count: 6 }), '6 个月');
});

t.test('each language is written in its own script', async (t) => {
  const foreign = {
    en: /[а-яё\p{Script=Han}]/iu,
    ru: /\p{Script=Han}|[а-яё][a-z]|[a-z][а-яё]/iu,
    zh: /[а-яё]/iu,
  };
  for (const locale of LOCALES) {
    const mixed = keys.filter((key) => foreign[locale].test(catalogues[locale][key].replace(/\{\w+/g, '{')));
    t.same(mixed, [], locale);
  }
  const halfWidth = keys.filter((key) =>
    /\p{Script=Han}[,;!?]|[,;!?]\p{Script=Han}/u.test(catalogues.zh[key]),
  );
  t.same(halfWidth, [], 'Chinese has full-width marks');
  // A date ends in a character: 日.
  const apart = keys.filter((key) => {
    const dated = catalogues.zh[key].replace(/\{(on|date|latest|before|after)\}/g, '日');
    return /^(plan|differs)\./.test(key) && /\p{Script=Han} 日|日 \p{Script=Han}/u.test(dated);
  });
  t.same(apart, [], 'and no space about a date');
});

t.test(
  'Chinese has a space beside what is Latin and none beside its own characters, whatever fills a gap',
  async (t) => {
    const asked = (who: string) => say('zh', 'title.check_lost', { who, carrier: ' · T2' });
    t.equal(asked('…4567'), '…4567 还能用吗？ · T2');
    t.equal(asked('giffgaff'), 'giffgaff 还能用吗？ · T2');
    t.equal(asked('妈妈的号码'), '妈妈的号码还能用吗？ · T2');
    const zone = (city: string) => say('zh', 'plan.zone', { city });
    t.match(zone('莫斯科'), '按莫斯科时间');
    t.match(zone('UTC'), '按 UTC 时间');
    // Where a message chooses between texts, too.
    const lost = (name: string) => say('zh', 'title.silent_feed', { named: 'yes', name });
    t.match(lost('家人'), /：家人$/);
    // One 的 is enough.
    const date = '2026年4月1日';
    t.equal(say('zh', 'record.sms', { date, direction: 'incoming' }), '2026年4月1日收到的短信');
    t.equal(say('zh', 'record.sms', { date, direction: 'outgoing' }), '2026年4月1日的短信');
    const drift = (amount: string) => say('zh', 'text.drift', { date, shown: 'yes', amount });
    t.match(drift('300 卢布'), '少了 300 卢布：');
  },
);

t.test('the last safe day has one name in Chinese', async (t) => {
  t.equal(say('zh', 'kind.last_safe_day'), say('zh', 'page.act_by'));
});

t.test('a number is called a number: in Russian and Chinese nobody keeps a line', async (t) => {
  t.same(
    keys.filter((key) => /лини[яиюей]/i.test(catalogues.ru[key])),
    [],
  );
  t.same(
    keys.filter((key) => catalogues.zh[key].includes('线路')),
    [],
  );
});

t.test('no text is left over', async (t) => {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.includes('catalogue'))
    .map((file) => readFileSync(`src/${file}`, 'utf8'))
    .join('\n');
  const unused = keys.filter((key) => {
    if (sources.includes(`'${key}'`)) return false;
    // A key put together from a value: `stage.${stage}`, `fact.by_${what}`.
    return !Array.from(key, (_, n) => key.slice(0, n)).some(
      (start) => start.includes('.') && sources.includes(`\`${start}\${`),
    );
  });
  t.same(unused, []);
});

t.test('a message without its values is an error, not a hole in a text', async (t) => {
  t.throws(() => say('en', 'text.last_day'));
  t.throws(() => say('ru', 'text.last_day', { deadline: 'x' }));
});

t.test('no gap of a Russian text asks for a case or a form that what fills it cannot have', async (t) => {
  const { ru } = catalogues;
  // What its owner calls a line is not declined: it stands before a colon, or is what is asked of.
  const declined = keys.filter(
    (key) => ru[key].includes('{who}') && !/^([^\p{L}{]* )?\{who\}:|ещё \{who\}\?|: \{who\}$/u.test(ru[key]),
  );
  t.same(declined, ['dossier.title'], 'a name is in the nominative');
  // «Со 2 мая», which only {from} knows.
  const dated = keys.filter((key) => /(^|[^а-яё])с \{(date|on|latest|earliest|until)\}/iu.test(ru[key]));
  t.same(dated, [], 'no «с» before a date');
});
