/** The feeds of the golden files: realistic ones in each language, a hostile one, an empty one. */
import type { CalendarItem, FeedHead } from '../../src/calendar/index.ts';
import { HEAD, HOSTILE, item, uidOf } from './fixture.ts';

export const GOLDEN: Record<string, { head: FeedHead; items: CalendarItem[] }> = {
  en: {
    head: HEAD,
    items: [
      item({
        uid: uidOf('en-done'),
        date: '2026-10-20',
        summary: '…5678 Renewed; good until 18 April 2027',
        description: 'You topped up £10 on 20 October 2026.\nNothing to do.',
        done: true,
      }),
      item({
        uid: uidOf('en-renew'),
        summary: '…5678 Renew by 1 December: top up or use it once',
        description:
          'Until the end of 1 December 2026, make one call, send one text, or top up any amount.\n' +
          'How: the app, the site; both work from abroad. Shops: not known.\n' +
          'If not: from 2 December the number is lost, and its credit with it.\n' +
          'Why: last used on 4 June 2026; "Terms", clause 4.5, read on 3 October 2026; sure.',
      }),
      item({ uid: uidOf('en-lost'), date: '2026-12-02', summary: '…5678 Number lost', alarms: [] }),
    ],
  },
  ru: {
    head: {
      ...HEAD,
      name: 'Мои номера: сроки, оплата, проверки',
      description: 'Что сделать и до какого дня, чтобы номера остались вашими; обновляется само.',
    },
    items: [
      item({
        uid: uidOf('ru-renew'),
        summary: 'До 1 декабря: продлить …5678, иначе плата 3 ₽ в день',
        description:
          'Пополните номер, оканчивающийся на 5678, или позвоните с него один раз до 1 декабря 2026 года включительно.\n' +
          'Способы: сайт оператора, приложение, салон связи; из-за границы работают сайт и приложение (карта российского банка).\n' +
          'Если не сделать: со 2 декабря с баланса списывается 3 ₽ в день, при нуле исходящие закрываются, через 180 дней номер передают другому.\n' +
          'Почему: последняя активность 4 июня 2026; «Условия оказания услуг», пункт 12.4, проверено 3 октября 2026, уверенность высокая.',
        alarmText: 'Продлить …5678 до 1 декабря',
        categories: ['Номера', 'Продление'],
      }),
      item({
        uid: uidOf('ru-proof'),
        date: '2026-12-03',
        summary: '…5678 Сохранить чек',
        description: 'Сохраните чек об оплате: без него поддержка не примет жалобу.',
        alarms: [15],
        alarmText: '',
      }),
    ],
  },
  zh: {
    head: { ...HEAD, name: '我的号码保号提醒', description: '每个号码的最晚日期、办法与后果；自动更新。' },
    items: [
      item({
        uid: uidOf('zh-renew'),
        summary: '12月1日前续费 …5678，否则每天扣费3卢布',
        description:
          '请在2026年12月1日当天结束前，为尾号5678的号码充值，或用它打一次电话。\n' +
          '办法：运营商官网、应用、营业厅；人在国外可用官网和应用，第三方代充有风险（请保存付款凭证）。\n' +
          '若不处理：12月2日起每天从余额扣3卢布，余额为零后不能呼出，再过180天号码收回。\n' +
          '依据：最近一次使用2026年6月4日；《服务条款》第12.4条，2026年10月3日核对，可信度高。👨‍👩‍👧‍👦📱✅',
        alarmText: '续费 …5678',
        categories: ['保号'],
      }),
    ],
  },
  hostile: {
    head: { ...HEAD, name: HOSTILE, description: HOSTILE.repeat(5) },
    items: [
      item({
        summary: HOSTILE,
        description: HOSTILE.repeat(80).slice(0, 5000),
        alarmText: HOSTILE,
        categories: [HOSTILE, 'a,b;c\\'],
        url: 'https://keepline.example/\r\nBEGIN:VEVENT?a=1;b="2",{3}\\',
      }),
    ],
  },
  empty: { head: { name: 'Nothing yet', description: '' }, items: [] },
};
