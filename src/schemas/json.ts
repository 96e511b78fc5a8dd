/**
 * Parses bodies: strict JSON whose text every database, calendar and log can hold. What a parser accepts but would fail
 * later (NUL, a lone surrogate, unlimited depth) is refused here with a pointer to its place.
 */
import { type FieldError, MAX_ERRORS, Refusal } from '../service/refusal.ts';
import { pointerPart } from './field-errors.ts';

/** The deepest nesting of a body. */
const MAX_DEPTH = 20;
/** The most items or fields of a list or object in a body. */
export const MAX_LIST_LENGTH = 1000;

const isStorable = (text: string) => !text.includes('\0') && text.isWellFormed();

function textProblem(pointer: string): FieldError {
  return {
    pointer,
    detail: 'It holds a NUL character or half of a surrogate pair.',
    mend: 'Send text of whole Unicode characters without NUL.',
  };
}

/**
 * Errors for every place whose text cannot be stored, or that is nested too deeply or too long; empty if there are
 * none.
 */
function findUnstorable(body: unknown): FieldError[] {
  const errors: FieldError[] = [];
  const stack: { value: unknown; pointer: string; depth: number }[] = [
    { value: body, pointer: '', depth: 0 },
  ];
  for (let next = stack.pop(); next && errors.length < MAX_ERRORS; next = stack.pop()) {
    const { value, pointer, depth } = next;
    if (typeof value === 'string' && !isStorable(value)) errors.push(textProblem(pointer));
    if (value === null || typeof value !== 'object') continue;
    const keys = Object.keys(value);
    if (depth === MAX_DEPTH || keys.length > MAX_LIST_LENGTH) {
      const detail =
        depth === MAX_DEPTH
          ? 'It is nested too deep.'
          : `It has more than ${MAX_LIST_LENGTH} items or fields.`;
      errors.push({
        pointer,
        detail,
        mend: 'Send what the API description shows, in several requests if need be.',
      });
      continue;
    }
    if (!keys.every(isStorable)) errors.push(textProblem(pointer));
    if (keys.includes('__proto__')) {
      const detail = 'There is no field `__proto__` here.';
      errors.push({ pointer: `${pointer}/__proto__`, detail, mend: 'Leave it out.' });
    }
    for (const key of keys.reverse()) {
      const name = pointerPart(key.slice(0, 60).toWellFormed());
      stack.push({
        value: (value as Record<string, unknown>)[key],
        pointer: `${pointer}/${name}`,
        depth: depth + 1,
      });
    }
  }
  return errors;
}

/** V8's message for an unexpected character. */
const UNEXPECTED = /^Unexpected token/;

/** Whether a text contains an unexpected character; false for one that only ends too early. */
function isBroken(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    return UNEXPECTED.test((error as Error).message);
  }
}

/** Longer bodies are not searched, because each step of the binary search parses them. */
const MAX_SEARCHED_LENGTH = 100_000;

/** In words, where a text stops being valid JSON; empty if that is not known. */
function whereItBreaks(text: string, { message }: Error): string {
  if (text === '') return ': it is empty';
  if (/^Unexpected end/.test(message)) return ': it ends too early';
  const position = /at position \d+|\(line \d+ column \d+\)/.exec(message)?.[0];
  if (position) return `: it breaks ${position}`;
  // For short texts V8 gives the character but not its position: find the longest valid prefix by binary search.
  if (!UNEXPECTED.test(message) || text.length > MAX_SEARCHED_LENGTH) return '';
  let [good, bad] = [0, text.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isBroken(text.slice(0, middle))) bad = middle;
    else good = middle;
  }
  return `: it breaks at position ${bad - 1}`;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The text is not JSON; `where` says in words where it breaks, and is empty if that is not known. */
export class NotJson extends Error {
  readonly where: string;

  constructor(where: string) {
    super(`Not JSON${where}.`);
    this.where = where;
  }
}

/**
 * Parses JSON in UTF-8.
 * @throws NotJson, or Refusal invalid if the text cannot be stored
 */
export function parseJson(bytes: Uint8Array): unknown {
  let [text, value]: [string, unknown] = ['', null];
  try {
    text = utf8.decode(bytes);
    value = JSON.parse(text);
  } catch (error) {
    throw new NotJson(whereItBreaks(text, error as Error));
  }
  const errors = findUnstorable(value);
  if (errors.length > 0) throw new Refusal('invalid', errors);
  return value;
}
