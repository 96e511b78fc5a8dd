/** The links and dossier summaries of the browser test: those of a person in each language, and of a hostile one. */
import { unzipSync } from 'fflate';
import { ACTS, type ActName } from '../../src/publication/acts.ts';
import type { Service } from '../../src/start.ts';
import { PUNCTUATION, say } from '../../src/wording/index.ts';
import { HOSTILE } from './feeds.ts';

export type Papers = {
  name: string;
  /** A path of a form for each act that links offer, by its name. */
  forms: Map<ActName, string>;
  /** Paths of links that are followed, each once. */
  links: string[];
  /** The HTML summaries, by language. */
  dossiers: Map<string, string>;
};

const PEOPLE = [
  { name: 'en', locale: 'en', label: 'Bank codes' },
  { name: 'ru', locale: 'ru', label: 'Госуслуги' },
  { name: 'zh', locale: 'zh', label: '妈妈的号码' },
  { name: 'hostile', locale: 'en', label: HOSTILE },
] as const;
const DAY = 86_400_000;
const ago = (days: number) => new Date(Date.now() - days * DAY).toISOString().slice(0, 10);
const roubles = (amount: string) => ({ amount, currency: 'RUB' });

/** Creates people with payments of several kinds through the API. */
export async function addPapers({ server }: Service, key: string): Promise<Papers[]> {
  async function ask(method: 'GET' | 'POST', url: string, payload?: object) {
    const headers = { authorization: `Bearer ${key}` };
    const answer = await server.inject({ method, url, headers, ...(payload ? { payload } : {}) });
    if (answer.statusCode >= 300) throw new Error(answer.body);
    return answer;
  }
  const post = async (url: string, payload: object) => (await ask('POST', url, payload)).json();

  const made: Papers[] = [];
  for (const { name, locale, label } of PEOPLE) {
    const { id } = await post('/v1/users', { name, locale, time_zone: 'Europe/Berlin' });
    const line = await post(`/v1/users/${id}/lines`, {
      rule: 'ru/t2/prepaid',
      label,
      number: '+79511114455',
    });
    const used = { type: 'activity', at: ago(70), kind: 'call', direction: 'outgoing', charged: true };
    await post(`/v1/lines/${line.id}/records`, used);
    await post(`/v1/lines/${line.id}/records`, { type: 'balance', at: ago(70), amount: roubles('300.00') });
    for (const [index, channel] of ['app', 'third_party', 'shop'].entries()) {
      const paid = {
        paid_at: ago(5 - index),
        amount: roubles('300'),
        channel,
        reference: label.slice(0, 60),
        note: label,
      };
      const payment = await post(`/v1/lines/${line.id}/payments`, paid);
      if (index === 1) await post(`/v1/payments/${payment.id}/fail`, { reason: label });
    }
    const feed = await post(`/v1/users/${id}/feeds`, { name: 'Links', action_links: true });
    const calendar = (await server.inject(new URL(feed.urls.https).pathname)).body.replaceAll('\r\n ', '');
    const links = [...calendar.matchAll(/https:\/\/[^/\s]+(\/act\/[\w-]+)/g)].map(
      ([, path]) => path as string,
    );
    // The links of one entry are adjacent: links taken far apart do not interfere with each other.
    const apart = [0, 1, 2, 3].map((part) => links[Math.floor((part * (links.length - 1)) / 3)] as string);
    const forms = new Map<ActName, string>();
    for (const act of ACTS) {
      const after = calendar.split(`${say(locale, `link.${act}`)}${PUNCTUATION[locale].colon}`)[1];
      const path = after && /\/act\/[\w-]+/.exec(after)?.[0];
      if (path) forms.set(act, path);
    }
    const takesFile = forms.get('proof_saved') as string;
    const zip = unzipSync(new Uint8Array((await ask('GET', `/v1/lines/${line.id}/dossier`)).rawPayload));
    const dossiers = new Map<string, string>();
    for (const [file, bytes] of Object.entries(zip)) {
      const language = /^summary\.(\w+)\.html$/.exec(file)?.[1];
      if (language) dossiers.set(language, Buffer.from(bytes).toString());
    }
    made.push({ name, forms, links: [...new Set([...apart, takesFile])], dossiers });
  }
  return made;
}
