/** How to subscribe to a feed: each way with its link, its update delay, and whether it shows reminders. */
import { cleanLine, type SubscribeLinks } from '../calendar/index.ts';
import type { FeedAlarms } from '../vocabulary.ts';
import { type Locale, type MessageKey, say } from '../wording/index.ts';
import type { Device } from './device.ts';

export type SubscribeWay = {
  name: 'google' | 'apple' | 'outlook' | 'office' | 'android';
  href: string;
  label: string;
  delay: string;
  rings: string;
  note: string | null;
};

type Subscription = {
  links: SubscribeLinks;
  /** The calendar's name, any text. */
  name: string;
  alarms: FeedAlarms;
  device: Device;
  locale: Locale;
};

const OFFICE = 'https://outlook.office.com/calendar/0/addfromweb/';
const FIRST: Record<Device['system'], SubscribeWay['name']> = {
  apple: 'apple',
  android: 'android',
  windows: 'outlook',
  other: 'google',
};

/** Says whether entries ring in a calendar program, given the feed's alarms. */
export function reminderText(
  kind: SubscribeWay['name'] | 'other',
  { alarms, locale }: Pick<Subscription, 'alarms' | 'locale'>,
): string {
  if (alarms === 'none' || alarms === 'events') return say(locale, `page.rings_${alarms}`);
  return say(locale, `page.rings_${kind === 'office' ? 'outlook' : kind}`);
}

function noteOf(name: SubscribeWay['name'], { device, locale }: Subscription): string | null {
  const keys: Partial<Record<SubscribeWay['name'], MessageKey>> = {
    google: 'page.note_google',
    android: 'page.note_android',
    ...(device.isChromeOnIphone ? { apple: 'page.note_chrome' as const } : {}),
  };
  const key = keys[name];
  return key ? say(locale, key) : null;
}

/** All ways, the one for the reader's device first. */
export function waysFor(subscription: Subscription): SubscribeWay[] {
  const { links, device, locale } = subscription;
  const name = encodeURIComponent(cleanLine(subscription.name));
  const hrefs: Record<SubscribeWay['name'], string> = {
    google: links.google,
    apple: links.webcal,
    outlook: links.outlook,
    office: `${OFFICE}?url=${encodeURIComponent(links.webcal)}&name=${name}`,
    // ICSx⁵ reads `webcal:` as http, and would send the address unencrypted once: hence `webcals:`.
    android: links.https.replace(/^http/i, 'webcal'),
  };
  const names = Object.keys(hrefs) as SubscribeWay['name'][];
  const first = FIRST[device.system];
  return [first, ...names.filter((other) => other !== first)].map((way) => ({
    name: way,
    href: hrefs[way],
    label: say(locale, `page.${way}`),
    delay: say(locale, `page.delay_${way === 'office' ? 'outlook' : way}`),
    rings: reminderText(way, subscription),
    note: noteOf(way, subscription),
  }));
}
