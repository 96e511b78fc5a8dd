/**
 * Bodies: strict JSON, and text that every database, calendar and log can hold. What a parser lets through and
 * what would only fail later (a NUL, half a surrogate pair, a depth without end) is refused here, by its place.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { MAX_ERRORS } from '../service/refusal.ts';
import { catalogue, type FieldError, invalid, Problem, requestProblem } from './errors.ts';
import { pointerPart } from './validation-errors.ts';

/** No body of the API is deeper than this. */
const DEEPEST = 20;
/** No list or object of the API is longer than this. */
export const MAX_LIST_LENGTH = 1000;

const isUsable = (text: string) => !text.includes('\0') && text.isWellFormed();

function textProblem(pointer: string): FieldError {
  return {
    pointer,
    detail: 'It holds a NUL character or half of a surrogate pair.',
    mend: 'Send text of whole Unicode characters without NUL.',
  };
}

/** Every place whose text cannot be kept, or that is too deep or too long; an empty list is good. */
function findUnusable(body: unknown): FieldError[] {
  const errors: FieldError[] = [];
  const open: { value: unknown; pointer: string; depth: number }[] = [{ value: body, pointer: '', depth: 0 }];
  for (let next = open.pop(); next && errors.length < MAX_ERRORS; next = open.pop()) {
    const { value, pointer, depth } = next;
    if (typeof value === 'string' && !isUsable(value)) errors.push(textProblem(pointer));
    if (value === null || typeof value !== 'object') continue;
    const keys = Object.keys(value);
    if (depth === DEEPEST || keys.length > MAX_LIST_LENGTH) {
      const detail =
        depth === DEEPEST ? 'It is nested too deep.' : `It has more than ${MAX_LIST_LENGTH} items or fields.`;
      errors.push({
        pointer,
        detail,
        mend: 'Send what the API description shows, in several requests if need be.',
      });
      continue;
    }
    if (!keys.every(isUsable)) errors.push(textProblem(pointer));
    if (keys.includes('__proto__')) {
      const detail = 'There is no field `__proto__` here.';
      errors.push({ pointer: `${pointer}/__proto__`, detail, mend: 'Leave it out.' });
    }
    for (const key of keys.reverse()) {
      const name = pointerPart(key.slice(0, 60).toWellFormed());
      open.push({
        value: (value as Record<string, unknown>)[key],
        pointer: `${pointer}/${name}`,
        depth: depth + 1,
      });
    }
  }
  return errors;
}

/** How the engine tells of a letter that does not belong there. */
const UNEXPECTED = /^Unexpected token/;

/** Whether a text holds such a letter; one that only ends too early does not. */
function isBroken(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    return UNEXPECTED.test((error as Error).message);
  }
}

/** Longer bodies are not searched: each step of the search parses them. */
const MAX_SEARCHED_LENGTH = 100_000;

/** Where a text stops being JSON, in words; empty where that is not known. */
function whereItBreaks(text: string, { message }: Error): string {
  if (text === '') return ': it is empty';
  if (/^Unexpected end/.test(message)) return ': it ends too early';
  const told = /at position \d+|\(line \d+ column \d+\)/.exec(message)?.[0];
  if (told) return `: it breaks ${told}`;
  // Of a short text the engine shows the letter and not its place, which is the end of the longest good beginning.
  if (!UNEXPECTED.test(message) || text.length > MAX_SEARCHED_LENGTH) return '';
  let [good, bad] = [0, text.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isBroken(text.slice(0, middle))) bad = middle;
    else good = middle;
  }
  return `: it breaks at position ${bad - 1}`;
}

/** What to do about a text that is no JSON, by what it is. */
const JSON_MENDS = {
  body: catalogue.malformed_json.mend,
  line: 'Write one JSON object on each line, in UTF-8.',
};

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The value of a JSON text in UTF-8, a whole body or a line of one.
 * @throws Problem malformed_json, or invalid where the text holds what cannot be kept
 */
export function parseJson(bytes: Uint8Array, what: keyof typeof JSON_MENDS = 'body'): unknown {
  let [text, value]: [string, unknown] = ['', null];
  try {
    text = utf8.decode(bytes);
    value = JSON.parse(text);
  } catch (error) {
    const detail = `The ${what} is not JSON${whereItBreaks(text, error as Error)}.`;
    throw requestProblem('malformed_json', detail, { mend: JSON_MENDS[what] });
  }
  const errors = findUnusable(value);
  if (errors.length > 0) throw new Problem('invalid', errors);
  return value;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Nothing need be said: no body, an empty one and `null` are as good as `{}`. */
    bodyOptional?: boolean;
  }
}

type BodySchema = { content?: object; required?: string[] };

/** Of a request without the JSON body that its route needs. */
function missingBody({ required = [] }: BodySchema): Problem {
  const fields = required.map((name) => `\`${name}\``).join(', ');
  const what = fields === '' ? 'a JSON object' : `a JSON object with ${fields}`;
  const mend = `Send ${what}, and \`Content-Type: application/json\`.`;
  return invalid({ pointer: '', detail: 'The JSON body is missing.', mend });
}

/**
 * Reads bodies of `application/json` and `application/merge-patch+json`. An empty one is none where the route takes none
 * or does without; else it is no JSON.
 */
export function readJsonBodies(server: FastifyInstance) {
  server.removeAllContentTypeParsers();
  const types = ['application/json', 'application/merge-patch+json'];
  server.addContentTypeParser(types, { parseAs: 'buffer' }, (request: FastifyRequest, body, done) => {
    const { schema, config } = request.routeOptions;
    const mayBeEmpty = !schema?.body || config.bodyOptional === true;
    try {
      done(null, body.length === 0 && mayBeEmpty ? undefined : parseJson(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
  server.addHook('preValidation', async (request) => {
    const { schema, config } = request.routeOptions;
    const needed = schema?.body as BodySchema | undefined;
    if (config.bodyOptional) request.body ??= {};
    // A body of another kind is looked for by who reads it.
    else if (needed && !needed.content && request.body === undefined) throw missingBody(needed);
  });
}
