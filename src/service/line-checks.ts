/** Semantic checks of a line under its rule: the rule itself, facts, number, currency. */
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

/** The rule with this id, or an error that suggests similar ids. */
export function findRule(rulebook: Rulebook, id: string): BookedRule | FieldError {
  const booked = rulebook.rules.get(id);
  if (booked) return booked;
  const meant = closestMatches(id, [...rulebook.rules.keys()]);
  const mend: Mend =
    meant.length > 0 ? `Did you mean ${quoteAll(meant)}?` : [{ see: 'rules' }, ' lists the rules.'];
  return { pointer: '/rule', detail: 'There is no such rule.', mend };
}

export const isFieldError = (found: BookedRule | FieldError): found is FieldError => 'pointer' in found;

/** Checks only the length: lists of assigned numbers are soon out of date, and example numbers are never assigned. */
const isPossible = (number: PhoneNumber): boolean => number.isPossible();
/** Whether a number is assigned, as far as the library's list tells. */
export const isAssigned = (number: PhoneNumber): boolean => number.isValid();

/** The number in E.164, or null if it is not a valid one. A number without `+` is read as one of the rule's country. */
export function normaliseNumber(given: string, rule: string, isNumber = isPossible): string | null {
  const country = rule.slice(0, 2).toUpperCase() as CountryCode;
  const parse = (text: string): string | null => {
    try {
      const number = parsePhoneNumber(text, { defaultCountry: country, extract: false });
      return number && isNumber(number) ? number.number : null;
    } catch {
      return null;
    }
  };
  const normalised = parse(given);
  // With some national prefixes the library parses its own output as another number, which is then stable.
  return normalised === null ? null : parse(normalised);
}

function checkFact(booked: BookedRule, name: string, value: unknown, wasAccepted: boolean): FieldError[] {
  const pointer = `/facts/${name}`;
  const declared = booked.rule.facts ?? {};
  const fact = Object.hasOwn(declared, name) ? declared[name] : undefined;
  if (!fact) {
    if (wasAccepted) return [];
    const known = Object.keys(declared);
    const mend =
      known.length > 0 ? `It asks for ${quoteAll(known)}.` : 'It asks for none: leave `facts` out.';
    return [{ pointer, detail: 'The rule does not ask for this fact.', mend }];
  }
  if (fact.values && !fact.values.includes(value as string)) {
    if (wasAccepted) return [];
    return [
      { pointer, detail: 'The rule knows no such value.', mend: `Give one of ${quoteAll(fact.values)}.` },
    ];
  }
  const kind = fact.values ? 'string' : (fact.kind ?? 'string');
  if (kind === 'number' ? Number.isFinite(value) : typeof value === kind) return [];
  return [{ pointer, detail: `It is no ${kind}.`, mend: `Give a ${kind}: ${fact.text.en}` }];
}

/** An error if money is not in the rule's currency. */
function checkCurrency(booked: BookedRule, money: Money | undefined, pointer: string): FieldError[] {
  const { currency } = booked.carrier;
  if (!money || money.currency === currency) return [];
  const detail = `The rule reckons in ${currency}, not in ${money.currency}.`;
  return [{ pointer: `${pointer}/currency`, detail, mend: `Give the amount in ${currency}.` }];
}

/** Whether the line was accepted with this fact before; its rule may have changed since. */
type WasAccepted = (fact: string, value: unknown) => boolean;

/** All errors in facts and price under a rule. */
export const checkTerms = (
  booked: BookedRule,
  input: Omit<LineInput, 'rule' | 'number'>,
  wasAccepted: WasAccepted = () => false,
): FieldError[] => [
  ...Object.entries(input.facts ?? {}).flatMap(([name, value]) =>
    checkFact(booked, name, value, wasAccepted(name, value)),
  ),
  ...checkCurrency(booked, input.plan_price, '/plan_price'),
];

/** All errors of a line, none without a rule; the number is not repeated in the texts. */
export function checkLine(
  rulebook: Rulebook,
  input: Partial<LineInput>,
  wasAccepted: WasAccepted = () => false,
): FieldError[] {
  if (input.rule === undefined) return [];
  const booked = findRule(rulebook, input.rule);
  const errors: FieldError[] = isFieldError(booked) ? [booked] : checkTerms(booked, input, wasAccepted);
  if (input.number !== undefined && normaliseNumber(input.number, input.rule) === null) {
    const detail = 'It is no phone number that can exist.';
    errors.push({
      pointer: '/number',
      detail,
      mend: 'Write it with its country code, such as `+79161234567`.',
    });
  }
  return errors;
}
