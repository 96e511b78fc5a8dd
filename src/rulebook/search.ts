/** Finding a carrier by what a person types: a name in any script, part of an id, a phone number. */
import parsePhoneNumber from 'libphonenumber-js/min';
import type { CarrierFile } from './schema.ts';

/** Without case, accents and the dots of ё: as two people would write the same name. */
const plain = (text: string): string =>
  text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ').trim();

const CYRILLIC = 'абвгдеёжзийклмнопрстуфхцчшщъыьэюя';
/** Letter by letter, about as BGN/PCGN writes Russian; a hard or soft sign is nothing. */
const LATIN = 'a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch  y  e yu ya'.split(' ');

/** As it sounds, in Latin letters: whoever types in Cyrillic finds a carrier that writes itself in these. */
const inLatin = (word: string): string =>
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
  ].map(plain);

/** Is every word of the query in one of the carrier's names or ids, as it is typed or as it sounds? */
export function isCalled(carrier: CarrierFile, query: string): boolean {
  const names = namesOf(carrier);
  const words = query.split(/\s+/).filter((word) => plain(word) !== '');
  const isIn = (word: string) => names.some((name) => name.includes(plain(word)));
  return words.every((word) => isIn(word) || isIn(inLatin(word)));
}

/**
 * Can a number, or its beginning, be one of the carrier's? By the country code; where several countries share one, by
 * the country that the whole number is of. What has no code of its own is never ruled out, and never found so.
 */
export function mayHave(carrier: CarrierFile, number: string): boolean {
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
