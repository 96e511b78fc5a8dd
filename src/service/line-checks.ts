/** What is right for a line under its rule, beyond its schema: the rule, its facts, the number, the currency. */
import parsePhoneNumber, { type CountryCode, type PhoneNumber } from 'libphonenumber-js/min';
import { closestMatches } from '../lib/spelling.ts';
import type { Money } from '../retention/record.ts';
import type { BookedRule, Rulebook } from '../rulebook/index.ts';
import type { Mend } from './mend.ts';
import type { FieldError } from './refusal.ts';

type LineInput = {
  rule: string;
  number?: string;
  plan_price?: Money;
  facts?: Record<string, string | boolean | number>;
};

const quoteAll = (words: readonly string[]) => words.map((word) => `\`${word}\``).join(', ');

/** The rule of this id, or the error that names those that may have been meant. */
export function findRule(rulebook: Rulebook, id: string): BookedRule | FieldError {
  const booked = rulebook.rules.get(id);
  if (booked) return booked;
  const meant = closestMatches(id, [...rulebook.rules.keys()]);
  const mend: Mend =
    meant.length > 0 ? `Did you mean ${quoteAll(meant)}?` : [{ see: 'rules' }, ' lists the rules.'];
  return { pointer: '/rule', detail: 'There is no such rule.', mend };
}

export const isFieldError = (found: BookedRule | FieldError): found is FieldError => 'pointer' in found;

/** Possible by its length: which numbers are given out changes faster than any list of them, and examples never are. */
const isPossible = (number: PhoneNumber): boolean => number.isPossible();
/** Of those that are given out, as far as a list of them can tell. */
export const isGivenOut = (number: PhoneNumber): boolean => number.isValid();

/** The number in E.164, or null when it can be none. A number without `+` is read as one of the rule's country. */
export function normaliseNumber(given: string, rule: string, isNumber = isPossible): string | null {
  const country = rule.slice(0, 2).toUpperCase() as CountryCode;
  const read = (text: string): string | null => {
    try {
      const number = parsePhoneNumber(text, { defaultCountry: country, extract: false });
      return number && isNumber(number) ? number.number : null;
    } catch {
      return null;
    }
  };
  const once = read(given);
  // With some prefixes of a country the library reads its own answer as another number: that one it then keeps to.
  return once === null ? null : read(once);
}

function checkFact(booked: BookedRule, name: string, value: unknown, wasLetIn: boolean): FieldError[] {
  const pointer = `/facts/${name}`;
  const asked = booked.rule.facts ?? {};
  const fact = Object.hasOwn(asked, name) ? asked[name] : undefined;
  if (!fact) {
    if (wasLetIn) return [];
    const known = Object.keys(asked);
    const mend =
      known.length > 0 ? `It asks for ${quoteAll(known)}.` : 'It asks for none: leave `facts` out.';
    return [{ pointer, detail: 'The rule does not ask for this fact.', mend }];
  }
  if (fact.values && !fact.values.includes(value as string)) {
    if (wasLetIn) return [];
    return [
      { pointer, detail: 'The rule knows no such value.', mend: `Give one of ${quoteAll(fact.values)}.` },
    ];
  }
  const kind = fact.values ? 'string' : (fact.kind ?? 'string');
  if (kind === 'number' ? Number.isFinite(value) : typeof value === kind) return [];
  return [{ pointer, detail: `It is no ${kind}.`, mend: `Give a ${kind}: ${fact.text.en}` }];
}

/** Whether money is in the currency of the rule. */
function checkCurrency(booked: BookedRule, money: Money | undefined, pointer: string): FieldError[] {
  const { currency } = booked.carrier;
  if (!money || money.currency === currency) return [];
  const detail = `The rule reckons in ${currency}, not in ${money.currency}.`;
  return [{ pointer: `${pointer}/currency`, detail, mend: `Give the amount in ${currency}.` }];
}

/** Tells facts that a line was let in with before, whatever its rule asks for by now. */
type WasLetIn = (fact: string, value: unknown) => boolean;

/** Everything that is wrong with facts and price under a rule. */
export const checkTerms = (
  booked: BookedRule,
  input: Omit<LineInput, 'rule' | 'number'>,
  wasLetIn: WasLetIn = () => false,
): FieldError[] => [
  ...Object.entries(input.facts ?? {}).flatMap(([name, value]) =>
    checkFact(booked, name, value, wasLetIn(name, value)),
  ),
  ...checkCurrency(booked, input.plan_price, '/plan_price'),
];

/** Everything that is wrong with a line whose rule is said; the number is told without being repeated. */
export function checkLine(
  rulebook: Rulebook,
  input: Partial<LineInput>,
  wasLetIn: WasLetIn = () => false,
): FieldError[] {
  if (input.rule === undefined) return [];
  const booked = findRule(rulebook, input.rule);
  const errors: FieldError[] = isFieldError(booked) ? [booked] : checkTerms(booked, input, wasLetIn);
  if (input.number !== undefined && normaliseNumber(input.number, input.rule) === null) {
    const detail = 'It is no phone number that can exist.';
    errors.push({ pointer: '/number', detail, mend: 'Write it with its country, as `+79161234567`.' });
  }
  return errors;
}
