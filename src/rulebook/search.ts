/** Finding a carrier by what a person types: a name in any script, part of an id, a phone number. */
import parsePhoneNumber from 'libphonenumber-js/min';
import type { CarrierFile } from './schema.ts';

/** Without case, accents and the dots of ё: as two people would write the same name. */
const plain = (text: string): string =>
  text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ').trim();

const namesOf = ({ carrier, names, rules }: CarrierFile): string[] =>
  [
    carrier,
    names.en,
    names.ru,
    names.zh,
    ...rules.flatMap(({ id, name }) => [`${carrier}/${id}`, name.en]),
  ].map(plain);

/** Is every word of the query in one of the carrier's names or ids? */
export function isCalled(carrier: CarrierFile, query: string): boolean {
  const names = namesOf(carrier);
  const words = plain(query).split(' ').filter(Boolean);
  return words.every((word) => names.some((name) => name.includes(word)));
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
