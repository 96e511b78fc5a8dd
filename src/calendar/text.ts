// Line ends (CRLF, CR, NEL, LINE SEPARATOR, PARAGRAPH SEPARATOR) that become one newline.
const LINE_ENDS = /\r\n|[\r\u0085\u2028\u2029]/g;

// Control characters, which RFC 5545 3.3.11 forbids; the byte order mark; and direction controls, with which a name
// could hide or reorder the text next to it.
const REFUSED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufeff\u202a-\u202e\u2066-\u2069]/g;

const NEEDS_CLEANING = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\ufeff\u2028-\u202e\u2066-\u2069]/;

/**
 * Makes any string fit for a calendar: well-formed, NFC, newlines as `\n`, tabs as spaces, and no control or
 * direction characters. Idempotent.
 */
export function cleanText(text: string): string {
  const wellFormed = text.toWellFormed();
  if (!NEEDS_CLEANING.test(wellFormed)) return wellFormed.normalize('NFC');
  // NFC comes last: characters that a removed one separated may now combine.
  return wellFormed.replace(LINE_ENDS, '\n').replaceAll('\t', ' ').replace(REFUSED, '').normalize('NFC');
}

/** {@link cleanText} on one line: newlines become spaces, the ends are trimmed. For names and summaries. */
export function cleanLine(text: string): string {
  const clean = cleanText(text);
  return (clean.includes('\n') ? clean.replace(/ *\n[ \n]*/g, ' ') : clean).trim();
}

/** Escapes cleaned text as a TEXT value (RFC 5545 3.3.11). */
export function escapeText(clean: string): string {
  return clean.replace(/[\\;,]/g, '\\$&').replaceAll('\n', '\\n');
}

/**
 * The URL as it may stand in a calendar: absolute, http or https, and without the characters that RFC 3986
 * forbids or that a text escape would garble.
 * @throws RangeError for anything else.
 */
export function cleanUrl(url: string): string {
  const parsed = URL.parse(url);
  if (parsed?.protocol !== 'https:' && parsed?.protocol !== 'http:') {
    throw new RangeError('A calendar links only to absolute http or https URLs; this is neither.');
  }
  return parsed.href.replace(
    /[\\;,^`{|}"<>]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

const CR = 13;
const LF = 10;
const MAX_LINE_OCTETS = 75;

/**
 * Folds every line that is longer than 75 octets of UTF-8 (RFC 5545 3.1), never inside a code point. Lines must end in
 * CRLF, without any other CR or LF.
 */
export function foldLines(text: string): string {
  let folded = '';
  let start = 0;
  let octets = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit === CR || unit === LF) {
      octets = 0;
      continue;
    }
    const isPair = unit >= 0xd800 && unit <= 0xdbff;
    const size = unit < 0x80 ? 1 : unit < 0x800 ? 2 : isPair ? 4 : 3;
    if (octets + size > MAX_LINE_OCTETS) {
      folded += `${text.slice(start, index)}\r\n `;
      start = index;
      octets = 1;
    }
    octets += size;
    if (isPair) index++;
  }
  return folded + text.slice(start);
}
