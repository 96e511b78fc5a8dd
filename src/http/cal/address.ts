/** A feed's address: how it is made, and what is asked for by one. */
import { cleanLine, type SubscribeLinks, subscribeLinks } from '../../calendar/index.ts';

const MAX_NAME_LENGTH = 60;

/** The last segment of a feed's address, which some clients show as its name. */
function fileName(name: string): string {
  const words = cleanLine(name).replace(/[^\p{L}\p{M}\p{N}]+/gu, '-');
  const cut = Array.from(words.replace(/^-/, '')).slice(0, MAX_NAME_LENGTH).join('').replace(/-$/, '');
  return `${encodeURIComponent(cut || 'keepline')}.ics`;
}

/** The links to a feed. `publicUrl` has no slash at its end; `name` is any text. */
export const feedLinks = (publicUrl: string, token: string, name: string): SubscribeLinks =>
  subscribeLinks(`${publicUrl}/cal/${token}/${fileName(name)}`, name);

type Asked = { what: 'feed'; token: string } | { what: 'page'; token: string; query: string };

/** Of every address that calendars fetch. */
export const START = '/cal/';

/**
 * What a request's address asks for: `/cal/{token}/{anything}.ics` or `/cal/{token}`, with any query. It is read as
 * it came, so that no name is too long and no escape in it matters. Null for anything else.
 */
export function readAddress(url: string): Asked | null {
  const query = url.indexOf('?');
  const path = query < 0 ? url : url.slice(0, query);
  const token = path.indexOf(START) + START.length;
  const slash = path.indexOf('/', token);
  // An address that was typed or put together may end in a slash.
  if (slash < 0 || slash === path.length - 1) {
    const end = slash < 0 ? path.length : slash;
    return { what: 'page', token: path.slice(token, end), query: query < 0 ? '' : url.slice(query) };
  }
  if (!path.endsWith('.ics') || path.includes('/', slash + 1)) return null;
  return { what: 'feed', token: path.slice(token, slash) };
}
