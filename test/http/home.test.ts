/** `/`: the page that calendars name as their origin. */
import t from 'tap';
import { addPerson, serve } from './service.ts';

const PUBLIC_URL = 'https://keepline.example.org';
const service = await serve(t, { environment: { PUBLIC_URL } });
const open = service.as(null);

t.test('it is where every calendar says that it comes from', async (t) => {
  const anna = await addPerson(service, 'Anna');
  const feed = (await service.as(anna.write)('POST', `/v1/users/${anna.id}/feeds`, { name: 'Mine' })).json();
  const { body } = await open('GET', new URL(feed.urls.https).pathname);
  const [, origin = ''] = /^URL;VALUE=URI:(.*)\r$/m.exec(body) ?? [];
  t.equal(new URL(origin).origin, PUBLIC_URL);
  t.equal((await open('GET', new URL(origin).pathname)).statusCode, 200);
});

t.test('in the language that is asked for, with nothing of anybody', async (t) => {
  for (const [headers, path, language, text] of [
    [{}, '/', 'en', /keeps phone numbers alive/],
    [{ 'accept-language': 'ru-RU,en;q=0.5' }, '/', 'ru', /бережёт телефонные номера/],
    [{ 'accept-language': 'ru' }, '/?lang=zh', 'zh', /保住电话号码/],
    [{}, '/?lang=__proto__', 'en', /keeps phone numbers alive/],
  ] as const) {
    const { statusCode, headers: sent, body } = await open('GET', path, undefined, headers);
    t.equal(statusCode, 200);
    t.equal(sent['content-language'], language);
    t.match(body, text);
    t.match(body, '<title>Keepline</title>');
    t.notMatch(body, 'Anna');
    t.match(sent['content-security-policy'], /^default-src 'none'; style-src 'sha256-/);
  }
  t.equal((await open('POST', '/', {})).statusCode, 405);
});
