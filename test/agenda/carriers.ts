/** Fictitious carriers, each with a rule of a certain shape, for tests of the agenda and its texts. */
import { compileRule } from '../../src/retention/index.ts';
import type { Action, Clock, Text, Version } from '../../src/retention/language.ts';
import type { CarrierFile, CarrierRule, Evidence } from '../../src/rulebook/schema.ts';

const text = (en: string, ru: string, zh: string): Text => ({ en, ru, zh });

const evidence: Record<string, Evidence> = {
  terms: {
    kind: 'carrier_copy',
    source: 'terms.example, clause 7',
    seen: '2026-11',
    confidence: 'high',
    says: 'After 120 days without a debit a daily fee is taken; 180 days at zero end the contract.',
  },
  law: {
    kind: 'law',
    source: 'Decree No. 1',
    dated: '2024-01-24',
    in_force: '2024-09-01',
    seen: '2026-11',
    confidence: 'high',
    says: 'After 90 days without use the contract may be ended.',
    disagrees: ['a newspaper: 180 days'],
  },
  old_news: {
    kind: 'news',
    source: 'paper.example',
    dated: '2015',
    seen: '2026-11',
    confidence: 'medium',
    says: 'Six months without use.',
  },
};

const sendText: Action = {
  does: 'use',
  how: 'sms',
  price: '5 RUB',
  from_abroad: true,
  text: text('Send a text that costs money.', 'Отправьте платное SMS.', '发一条收费短信。'),
};
const useData: Action = {
  does: 'use',
  how: 'data',
  from_abroad: false,
  text: text('Use mobile data at home.', 'Выйдите в мобильный интернет дома.', '在本国用一下移动数据。'),
};
const topUp: Action = {
  does: 'credit',
  how: 'topup',
  least: '1 RUB',
  channels: ['app'],
  from_abroad: 'unknown',
  text: text('Top up.', 'Пополните счёт.', '充值。'),
};
const visit: Action = {
  does: 'identity',
  how: 'identify',
  from_abroad: false,
  in_person: true,
  text: text('Come to a shop with your passport.', 'Придите в салон с паспортом.', '带护照到营业厅办理。'),
};

const events: Version['events'] = {
  use: { type: 'activity', charged: true },
  credit: { type: 'topup' },
  renewal: { type: 'plan_renewed' },
  identity: { type: 'identity' },
};

const file = (over: Partial<CarrierFile>): CarrierFile => ({
  carrier: 'xx/north',
  names: text('Northline', 'Северная', '北线'),
  time_zone: 'Europe/Moscow',
  currency: 'RUB',
  checks: [
    {
      kind: 'balance',
      ussd: '*100#',
      text: text(
        'Dial *100# for the balance.',
        'Наберите *100#, чтобы узнать баланс.',
        '拨打 *100# 查余额。',
      ),
      evidence: ['terms'],
    },
    {
      kind: 'site',
      url: 'https://north.example/account',
      text: text('The account on the site.', 'Личный кабинет на сайте.', '官网个人账户。'),
      evidence: ['terms'],
    },
  ],
  support: [
    { phone: '611', from_abroad: false, evidence: ['terms'] },
    { phone: '+79990000611', from_abroad: true, free: true, evidence: ['terms'] },
  ],
  channels: [
    {
      kind: 'shop',
      name: text('Shop', 'Салон', '营业厅'),
      from_abroad: false,
      text: text('Pay in a shop.', 'Оплатите в салоне.', '在营业厅付款。'),
      evidence: ['terms'],
    },
    {
      kind: 'third_party',
      name: text('Top-up services', 'Сервисы пополнения', '代充平台'),
      from_abroad: 'unknown',
      text: text('Try a small sum first.', 'Начните с небольшой суммы.', '先小额试充。'),
      cautions: ['resellers'],
      evidence: ['terms'],
    },
    {
      kind: 'app',
      name: text('The app', 'Приложение', '官方应用'),
      url: 'https://north.example/app',
      from_abroad: true,
      text: text('Pay by card in the app.', 'Оплатите картой в приложении.', '在应用里用银行卡付款。'),
      evidence: ['terms'],
    },
  ],
  cautions: {
    resellers: {
      text: text('Keep the receipt.', 'Сохраните чек.', '请保留收据。'),
      evidence: ['terms'],
    },
    no_warning: {
      text: text('Nobody warns you.', 'Предупреждать никто не будет.', '不会有人提醒您。'),
      evidence: ['terms'],
    },
  },
  promotions: [
    {
      url: 'https://north.example/offers',
      text: text('Offers on the site.', 'Акции на сайте.', '官网优惠。'),
      evidence: ['terms'],
    },
  ],
  evidence,
  rules: [],
  ...over,
});

function book(carrier: CarrierFile, clocks: Record<string, Clock>, actions: Version['actions']) {
  const rule: CarrierRule = {
    id: 'prepaid',
    name: text('Prepaid', 'Предоплатный', '预付费'),
    facts: {
      nationality: {
        values: ['home', 'foreign'],
        text: text('Whose passport is it?', 'Чей это паспорт?', '是哪国护照？'),
      },
    },
    versions: [{ since: '2020-01-01', events, clocks, actions }],
    examples: [],
  };
  const { time_zone, currency } = carrier;
  const compiled = compileRule({
    id: `${carrier.carrier}/prepaid`,
    time_zone,
    currency,
    versions: rule.versions,
  });
  return { id: `${carrier.carrier}/prepaid`, carrier, rule, compiled };
}

/**
 * A fee, then an empty account, then the loss; also a law that may end it sooner, and an identity duty of foreigners.
 */
export const north = book(
  file({}),
  {
    idle: {
      name: text('120 days without a debit', '120 дней без списаний', '120 天没有扣费'),
      restarts_on: ['use', { doubtful: 'credit' }],
      runs: '120 days',
      evidence: ['terms'],
      ended: [
        {
          stage: 'fee_running',
          charge: { take: '3 RUB', every: 'day', partial: 'taken' },
          cures: ['send_text', 'top_up'],
          note: text('3 RUB are taken each day.', 'каждый день списывают 3 рубля.', '每天扣 3 卢布。'),
        },
      ],
    },
    empty: {
      name: text('an empty account', 'пустой счёт', '余额用完'),
      runs_while: 'balance <= 0',
      runs: '180 days',
      counting: 'inclusive',
      evidence: ['terms'],
      ended: [{ stage: 'lost', cures: [] }],
    },
    law: {
      name: text('the law on unused numbers', 'закон о неиспользуемых номерах', '关于闲置号码的法规'),
      restarts_on: ['use'],
      runs: '90 days',
      evidence: ['law'],
      ended: [{ stage: 'lost', certainty: 'may', lasts: '60 days' }, { stage: 'reissuable' }],
    },
    identity: {
      name: text('identification of foreign owners', 'идентификация иностранцев', '外国机主实名认证'),
      duty: 'identity',
      applies_if: { facts: { nationality: 'foreign' } },
      ends_on: '2026-12-31',
      cured_by: ['identity'],
      evidence: ['law'],
      ended: [{ stage: 'restricted', lasts: '30 days' }, { stage: 'suspended' }],
    },
  },
  { send_text: sendText, use_data: useData, top_up: topUp, visit },
);

/** Renews for thirty days at a time from the balance. */
export const monthly = book(
  file({
    carrier: 'xx/monthly',
    names: text('Monthly', 'Месяц', '月付'),
    time_zone: 'America/New_York',
    promotions: [],
  }),
  {
    cycle: {
      name: text('the billing cycle', 'расчётный период', '计费周期'),
      restarts_on: ['renewal'],
      runs: '30 days',
      extend: 'from_end',
      charge: { take: '3 RUB', at_end: true, adds: '30 days', as: 'ordinary', evidence: ['old_news'] },
      evidence: ['terms'],
      ended: [
        { stage: 'suspended', can_receive: false, lasts: '30 days', cures: ['renew'] },
        { stage: 'lost' },
      ],
    },
  },
  {
    renew: {
      does: 'renewal',
      how: 'renew',
      price: '3 RUB',
      from_abroad: 'unknown',
      text: text('Pay for the next 30 days.', 'Оплатите следующие 30 дней.', '付下一个 30 天的费用。'),
    },
  },
);

/** The sources differ, one of them is old, and no channels or contacts are known. */
export const doubtful = book(
  file({
    carrier: 'xx/doubt',
    names: text('Doubt', 'Сомнение', '存疑'),
    time_zone: 'Europe/London',
    checks: [],
    support: [],
    channels: [],
    cautions: {},
    promotions: [],
  }),
  {
    idle: {
      name: text('time without use', 'срок без использования', '未使用期限'),
      restarts_on: ['use', 'credit'],
      runs: { earliest: '180 days', latest: '6 months' },
      evidence: ['old_news'],
      ended: [{ stage: 'lost' }],
    },
  },
  { send_text: { ...sendText, price: undefined } },
);

/** The cures get harder with each stage. */
export const harder = book(
  file({
    carrier: 'xx/harder',
    names: text('Harder', 'Труднее', '渐难'),
    time_zone: 'Europe/Moscow',
    promotions: [],
  }),
  {
    validity: {
      name: text('the validity', 'срок действия', '有效期'),
      restarts_on: ['credit'],
      runs: '30 days',
      shows: 'number',
      evidence: ['terms'],
      ended: [
        { stage: 'receive_only', lasts: '10 days', cures: ['top_up'] },
        { stage: 'suspended', lasts: '20 days', cures: ['ask'] },
        { stage: 'lost' },
      ],
    },
  },
  {
    top_up: topUp,
    ask: {
      does: 'identity',
      how: 'identify',
      from_abroad: true,
      text: text('Ask support to open the number.', 'Попросите поддержку открыть номер.', '请客服恢复号码。'),
    },
  },
);

/** No record restarts its clocks: one only shows the carrier's date, the other depends on the balance. */
export const watched = book(
  file({ carrier: 'xx/watched', names: text('Watched', 'На виду', '可见'), promotions: [] }),
  {
    validity: {
      name: text('the date that is shown', 'показанная дата', '显示的日期'),
      shows: 'number',
      evidence: ['terms'],
      ended: [{ stage: 'receive_only', lasts: '30 days' }, { stage: 'lost' }],
    },
    empty: {
      name: text('an empty account', 'пустой счёт', '余额用完'),
      runs_while: 'balance <= 0',
      runs: '10 days',
      evidence: ['terms'],
      ended: [{ stage: 'lost' }],
    },
  },
  { top_up: topUp, visit },
);

/** The sources differ on whether a top-up counts. */
export const credited = book(
  file({ carrier: 'xx/credited', names: text('Credited', 'Зачтено', '计入'), promotions: [] }),
  {
    idle: {
      name: text('time without use', 'срок без использования', '未使用期限'),
      restarts_on: ['use', { doubtful: 'credit' }],
      runs: '180 days',
      evidence: ['terms'],
      ended: [{ stage: 'lost' }],
    },
  },
  { send_text: sendText, top_up: topUp },
);
