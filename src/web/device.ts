/**
 * Guesses the reader's device from the user agent, to put the likeliest way to subscribe first; the page offers all.
 */

export type Device = {
  system: 'apple' | 'android' | 'windows' | 'other';
  /** Chrome on the iPhone, which does not pass `webcal:` links to the calendar. */
  isChromeOnIphone: boolean;
  /** A browser embedded in another app, which may not open links to other apps. */
  isInApp: boolean;
};

const MAX_LENGTH = 500;
const SYSTEMS: readonly [Device['system'], RegExp][] = [
  // Before Android and Apple: Windows phones named both in their user agent.
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
