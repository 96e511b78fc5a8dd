import fc from 'fast-check';
import t from 'tap';
import { cleanLine, cleanText, cleanUrl, escapeText, foldLines } from '../../src/calendar/text.ts';
import { anyText, HOSTILE } from './fixture.ts';

t.test('text is cleaned of all that a calendar cannot hold, and of nothing else', async (t) => {
  t.equal(
    cleanText(HOSTILE),
    'a\nBEGIN:VEVENT\nUID:x\nb\nEND:VCALENDAR\nc\nd\ne fghijklm' +
      'n\ufffdo\ufffdp;q,r\\s\\nt\\;u"v:w^x\'y=z',
  );
  t.equal(cleanText('e\u0301'), 'é', 'composed');
  t.equal(cleanText('e\u0007\u0301'), 'é', 'composed where a removed character stood between');
  t.equal(
    cleanText('👨‍👩‍👧‍👦 300\u00a0₽，；：'),
    '👨‍👩‍👧‍👦 300\u00a0₽，；：',
    'joiners, no-break spaces and full-width signs stay',
  );
  t.equal(cleanText(' two \n\n lines '), ' two \n\n lines ');
  t.equal(cleanLine(' a \r\n \n b\tc\u00a0d '), 'a b c\u00a0d');
});

t.test('cleaning: well-formed, NFC, free of controls, and the same when done again', async () => {
  fc.assert(
    fc.property(anyText(), (text) => {
      const clean = cleanText(text);
      return (
        clean.isWellFormed() &&
        clean === clean.normalize('NFC') &&
        !/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/.test(clean) &&
        cleanText(clean) === clean &&
        cleanLine(cleanLine(text)) === cleanLine(text) &&
        !cleanLine(text).includes('\n')
      );
    }),
    { numRuns: 500 },
  );
});

t.test('escaping leaves neither a bare separator nor a newline, and loses nothing', async () => {
  fc.assert(
    fc.property(anyText(), (text) => {
      const clean = cleanText(text);
      const unescaped = escapeText(clean).replace(/\\(.)/g, (_, character) =>
        character === 'n' ? '\n' : character,
      );
      return unescaped === clean && !/[\r\n]/.test(escapeText(clean));
    }),
  );
});

t.test('folding: 75 octets at most, whole code points, lossless', async (t) => {
  fc.assert(
    fc.property(fc.array(anyText(), { maxLength: 4 }), (texts) => {
      const lines = texts.map((text) => cleanLine(text).replaceAll('\n', ''));
      const folded = foldLines(lines.join('\r\n'));
      for (const line of folded.split('\r\n')) {
        if (Buffer.byteLength(line) > 75 || !line.isWellFormed()) return false;
      }
      return folded.replaceAll('\r\n ', '') === lines.join('\r\n');
    }),
    { numRuns: 500 },
  );
  t.equal(foldLines('a'.repeat(75)), 'a'.repeat(75), 'a line that just fits stays whole');
  t.equal(foldLines('a'.repeat(76)), `${'a'.repeat(75)}\r\n a`);
  t.equal(foldLines(`${'a'.repeat(73)}я`), `${'a'.repeat(73)}я`);
  t.equal(foldLines(`${'a'.repeat(74)}я`), `${'a'.repeat(74)}\r\n я`);
  t.equal(foldLines(`${'a'.repeat(72)}好`), `${'a'.repeat(72)}好`);
  t.equal(foldLines(`${'a'.repeat(72)}👍`), `${'a'.repeat(72)}\r\n 👍`, 'four octets go together');
  t.equal(
    foldLines('a'.repeat(75 + 74 + 1)),
    `${'a'.repeat(75)}\r\n ${'a'.repeat(74)}\r\n a`,
    'the space counts',
  );
});

t.test('a URL is absolute, http or https, and escaped as URLs are', async (t) => {
  t.equal(cleanUrl('https://a.example/x?a=1;b=2,3\\4'), 'https://a.example/x?a=1%3Bb=2%2C3%5C4');
  t.equal(cleanUrl('http://127.0.0.1:3000'), 'http://127.0.0.1:3000/');
  t.equal(
    cleanUrl('https://a.example/\r\nBEGIN:VEVENT\t?{|}^`"<>'),
    'https://a.example/BEGIN:VEVENT?%7B%7C%7D%5E%60%22%3C%3E',
  );
  for (const url of [
    '',
    '/relative',
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://a.example/',
    'a.example',
  ]) {
    t.throws(() => cleanUrl(url), RangeError, url);
  }
});
