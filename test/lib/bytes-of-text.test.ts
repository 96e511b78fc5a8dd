import t from 'tap';
import { bytesOfText } from '../../src/lib/bytes-of-text.ts';

t.test('a text’s bytes, one in a character', async (t) => {
  for (const text of [
    '',
    'BEGIN:VCALENDAR\r\n',
    'Продлить до 5 мая',
    '续费 ✅ 😀',
    'é'.repeat(70_000),
    'short again',
  ]) {
    const bytes = bytesOfText(text);
    t.equal(bytes, Buffer.from(text).toString('latin1'));
    t.equal(Buffer.from(bytes, 'latin1').toString(), text);
  }
});
