import type { Action } from '../retention/language.ts';
import { formatAmount, parsePrice } from '../retention/money.ts';
import type { Money } from '../retention/record.ts';
import { actionOf, type Booked, inLanguage } from './booked.ts';
import type { Locale } from './locale.ts';

export type CureJson = {
  action: string;
  /** The price, or the least amount; left out if neither is known. */
  price?: Money;
  channels: string[];
  /** null if not known. */
  from_abroad: boolean | null;
  in_person: boolean;
  text: string;
};

/** A price in the rules' notation as an object. */
function moneyJson(price: string): Money {
  const { amount, currency } = parsePrice(price);
  return { amount: formatAmount(amount), currency };
}

const priceOf = ({ price, least }: Action): string | undefined =>
  price ?? (least === 'plan_price' ? undefined : least);

function cureJson(name: string, action: Action, locale: Locale): CureJson {
  const price = priceOf(action);
  return {
    action: name,
    ...(price === undefined ? {} : { price: moneyJson(price) }),
    channels: [...(action.channels ?? [])],
    from_abroad: action.from_abroad === 'unknown' ? null : action.from_abroad,
    in_person: action.in_person ?? false,
    text: inLanguage(action.text, locale),
  };
}

/** The named actions in the API's form. */
export function curesJson(
  names: readonly string[],
  booked: Booked,
  version: string,
  locale: Locale,
): CureJson[] {
  return names.flatMap((name) => {
    const action = actionOf(booked, version, name);
    return action ? [cureJson(name, action, locale)] : [];
  });
}
