/** One request for each route, by its operation: the API description shows them and the tests send them. */

const line = 'line_019a5b6c-7d8e-7000-8f00-1a2b3c4d5e6f';
const payment = 'payment_019a5b6c-7d8e-7000-8f00-4d5e6f708192';
const proof = 'proof_019a5b6c-7d8e-7000-8f00-5e6f70819203';
const feed = 'feed_019a5b6c-7d8e-7000-8f00-3c4d5e6f7081';
const user = 'user_019a5b6c-7d8e-7000-8f00-0a1b2c3d4e5f';

export const examples = {
  listCarriers: { query: { limit: 10, q: 'мегафон', number: '+7' } },
  getCarrier: { params: { country: 'ru', carrier: 't2' } },
  listRules: { query: { limit: 10 } },
  getRule: { params: { country: 'ru', carrier: 't2', rule: 'prepaid' } },
  previewRules: {
    body: { files: [{ path: 'us/ultra-mobile.yaml', text: null }], limit: 20 },
  },
  reloadRules: {},
  createUser: {
    body: { name: 'Anna', locale: 'zh', time_zone: 'Asia/Shanghai', external_id: 'anna' },
  },
  listUsers: { query: { limit: 10 } },
  getUser: { params: { user } },
  changeUser: { params: { user }, body: { locale: 'ru', external_id: null } },
  eraseUser: { params: { user } },
  createKey: { params: { user }, body: { scope: 'read', name: 'Home dashboard' } },
  listKeys: { params: { user }, query: { limit: 10 } },
  deleteKey: { params: { key: 'key_019a5b6c-7d8e-7000-8f00-2b3c4d5e6f70' } },
  createLine: {
    params: { user },
    body: { rule: 'ru/t2/prepaid', label: 'Bank number', number: '+79525550134', external_id: 'anna-t2' },
  },
  listLines: { params: { user }, query: { limit: 10 } },
  getLine: { params: { line } },
  changeLine: { params: { line }, body: { label: 'Old bank number', number: null } },
  eraseLine: { params: { line } },
  addRecords: {
    params: { line },
    body: {
      items: [
        { type: 'activity', at: '2026-01-01', kind: 'call', direction: 'outgoing', charged: true },
        { type: 'balance', at: '2026-01-01', amount: { amount: '300.00', currency: 'RUB' } },
      ],
    },
  },
  listRecords: { params: { line }, query: { limit: 10 } },
  getTimeline: { params: { line }, query: { as_of: '2026-01-15', until: '2028-01-01' } },
  getPlan: { params: { line }, query: { until: '2028-01-01', from_abroad: 'true' } },
  simulateLine: {
    params: { line },
    body: {
      add: [{ type: 'topup', at: '2026-01-20', amount: { amount: '100.00', currency: 'RUB' } }],
      as_of: '2026-01-25',
    },
  },
  simulate: {
    body: {
      rule: 'ru/t2/prepaid',
      records: [
        { type: 'activity', at: '2026-01-01', kind: 'call', direction: 'outgoing', charged: true },
        { type: 'balance', at: '2026-01-01', amount: { amount: '300.00', currency: 'RUB' } },
      ],
      as_of: '2026-01-15',
      until: '2028-01-01',
    },
  },
  listContradictions: {
    params: { country: 'ru', carrier: 't2', rule: 'prepaid' },
    query: { limit: 10 },
  },
  createPayment: {
    params: { line },
    body: {
      paid_at: '2026-03-10',
      amount: { amount: '3.20', currency: 'EUR' },
      credited: { amount: '300.00', currency: 'RUB' },
      channel: 'third_party',
      reference: 'A-1042',
      makes: 'topup',
    },
  },
  listPayments: { params: { line }, query: { limit: 10 } },
  getPayment: { params: { payment } },
  changePayment: { params: { payment }, body: { note: 'Paid by a friend', no_proof: true } },
  failPayment: { params: { payment }, body: { reason: 'The seller does not answer' } },
  reopenPayment: { params: { payment }, body: { reason: 'It came after all' } },
  confirmPayment: {
    params: { payment },
    body: { balance: { amount: '300.00', currency: 'RUB' }, seen_on: '2026-03-14' },
  },
  refundPayment: { params: { payment }, body: { reason: 'The seller gave it back' } },
  getDossier: { params: { line } },
  addProof: { params: { payment }, query: { keep_location: false } },
  listProofs: { params: { payment } },
  getProof: { params: { proof } },
  downloadProof: { params: { proof } },
  deleteProof: { params: { proof } },
  cancelPayment: { params: { payment }, body: { reason: 'Entered twice' } },
  createFeed: {
    params: { user },
    body: { name: 'My numbers', locale: 'zh', detail: 'full', alarms: 'valarm', lead_days: [30, 7, 1] },
  },
  listFeeds: { params: { user }, query: { limit: 10 } },
  getFeed: { params: { feed } },
  getFeedHealth: { params: { feed } },
  searchFeeds: { query: { silent: 'true' } },
  changeFeed: { params: { feed }, body: { name: 'SIM cards', lead_days: [14, 3], locale: null } },
  rotateFeed: { params: { feed }, body: { overlap_days: 7 } },
  revokeFeed: { params: { feed } },
  getLineAgenda: { params: { line } },
  getUserAgenda: { params: { user } },
  importData: {
    body: [
      { object: 'user', external_id: 'boris', name: 'Boris', locale: 'ru', time_zone: 'Europe/Berlin' },
      { object: 'line', external_id: 'boris-megafon', rule: 'ru/megafon/prepaid', label: 'Moscow number' },
      {
        object: 'record',
        line: 'boris-megafon',
        type: 'topup',
        at: '2026-01-01',
        amount: { amount: '100.00', currency: 'RUB' },
        method: 'card',
        external_id: 'boris-megafon-1',
      },
    ],
  },
  importSheet: {
    params: { user },
    query: { sheet: 'lines', dates: 'dmy', decimal: 'comma', dry_run: true },
    body: 'rule;label;number\nru/t2/prepaid;Bank;+79525550134\n',
  },
  exportData: {},
  exportUser: { params: { user } },
  listDeadlines: { query: { after: '2026-01-15', before: '2027-01-15' } },
};
