/** Finding a carrier by what a person types: a name in any script, part of an id, a phone number. */
import parsePhoneNumber from 'libphonenumber-js/min';
import type { CarrierFile } from './schema.ts';

/** Drops case, accents and the dots of ё, so that different spellings of a name compare as equal. */
const normalize = (text: string): string =>
  text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ').trim();

const CYRILLIC = 'абвгдеёжзийклмнопрстуфхцчшщъыьэюя';
/** Letter by letter, roughly as BGN/PCGN romanizes Russian; hard and soft signs are dropped. */
const LATIN = 'a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch  y  e yu ya'.split(' ');

/** A word in Latin letters, so that a query in Cyrillic finds a carrier whose name is in Latin letters. */
const transliterate = (word: string): string =>
  Array.from(word.normalize('NFC').toLowerCase(), (letter) => LATIN[CYRILLIC.indexOf(letter)] ?? letter).join(
    '',
  );

const namesOf = ({ carrier, names, rules }: CarrierFile): string[] =>
  [
    carrier,
    names.en,
    names.ru,
    names.zh,
    ...rules.flatMap(({ id, name }) => [`${carrier}/${id}`, name.en]),
  ].map(normalize);

/** Whether every word of the query is in one of the carrier's names or ids, as typed or transliterated. */
export function matchesName(carrier: CarrierFile, query: string): boolean {
  const names = namesOf(carrier);
  const words = query.split(/\s+/).filter((word) => normalize(word) !== '');
  const isIn = (word: string) => names.some((name) => name.includes(normalize(word)));
  return words.every((word) => isIn(word) || isIn(transliterate(word)));
}

/**
 * Whether a number, or its beginning, may be one of the carrier's: by the country code and, where several countries
 * share one, by the country of the whole number. Never true for a carrier without a country code.
 */
export function mayOwnNumber(carrier: CarrierFile, number: string): boolean {
  const prefix = carrier.number_prefix?.slice(1);
  const digits = number.replace(/^\s*(?:\+|00)/, '').replace(/[^0-9]/g, '');
  if (!prefix || digits === '' || !(digits.startsWith(prefix) || prefix.startsWith(digits))) return false;
  const country = countryOf(`+${digits}`);
  return country === null || country === carrier.carrier.slice(0, 2).toUpperCase();
}

function countryOf(number: string): string | null {
  try {
    return parsePhoneNumber(number)?.country ?? null;
  } catch {
    return null;
  }
}
