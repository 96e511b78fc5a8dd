/** What a page is read with, as far as it decides how to subscribe. A guess: all other ways stand on the page too. */

export type Device = {
  system: 'apple' | 'android' | 'windows' | 'other';
  /** Chrome on the iPhone, which hands no `webcal:` link to the calendar. */
  isChromeOnIphone: boolean;
  /** A browser within another app, which may open no links but its own. */
  isInApp: boolean;
};

const MAX_LENGTH = 500;
const SYSTEMS: readonly [Device['system'], RegExp][] = [
  // Before Android's and Apple's, both of which Windows phones named beside their own.
  ['windows', /windows/i],
  ['android', /android/i],
  ['apple', /iphone|ipad|ipod|mac os x|macintosh/i],
];
const IN_APP =
  /micromessenger|\bqq\/|weibo|dingtalk|fban|fbav|instagram|\bline\/|telegram|vkclient|; wv\)|bytedancewebview|barcelona|alipayclient|^(?=.*\b(iphone|ipad)\b)(?!.*\bsafari\b)/i;

export function deviceOf(userAgent: string | undefined): Device {
  const text = (userAgent ?? '').slice(0, MAX_LENGTH);
  return {
    system: SYSTEMS.find(([, pattern]) => pattern.test(text))?.[0] ?? 'other',
    isChromeOnIphone: /\bcrios\//i.test(text),
    isInApp: IN_APP.test(text),
  };
}
