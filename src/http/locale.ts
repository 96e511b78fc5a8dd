/** The language of a response's texts: the requested one, or the user's own. */
import type { IncomingHttpHeaders } from 'node:http';
import { LOCALES, type Locale } from '../vocabulary.ts';

/** The locale of that name; null if it is not supported. */
export const localeNamed = (name: unknown): Locale | null => LOCALES.find((one) => one === name) ?? null;

/** The supported language that `Accept-Language` prefers; else the fallback. */
export function localeOf({ headers }: { headers: IncomingHttpHeaders }, fallback: Locale): Locale {
  const preferences = (headers['accept-language'] ?? '')
    .slice(0, 500)
    .split(',')
    .map((part) => {
      const [range = '', ...parameters] = part.trim().toLowerCase().split(';');
      const quality = parameters
        .map((text) => /^\s*q=([01](?:\.\d{1,3})?)\s*$/.exec(text)?.[1])
        .find(Boolean);
      return { language: range.split('-', 1)[0], quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
  for (const { language } of preferences) {
    const known = localeNamed(language);
    if (known) return known;
  }
  return fallback;
}

/** Headers of a response whose language was negotiated. */
export const languageHeaders = (locale: Locale): Record<string, string> => ({
  vary: 'Accept-Language',
  'content-language': locale,
});
