/** Builds and parses the addresses of feeds and their pages. */
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

type RequestTarget = { kind: 'feed'; token: string } | { kind: 'page'; token: string; query: string };

/** The prefix of every address of a feed or page. */
export const PATH_PREFIX = '/cal/';

/**
 * Parses `/cal/{token}/{anything}.ics` (a feed) or `/cal/{token}` (its page), with any query; null for any other URL.
 * The URL is not decoded, so the length of the name and any escapes in it do not matter.
 */
export function parseAddress(url: string): RequestTarget | null {
  const query = url.indexOf('?');
  const path = query < 0 ? url : url.slice(0, query);
  const token = path.indexOf(PATH_PREFIX) + PATH_PREFIX.length;
  const slash = path.indexOf('/', token);
  // An address that somebody typed may end in a slash.
  if (slash < 0 || slash === path.length - 1) {
    const end = slash < 0 ? path.length : slash;
    return { kind: 'page', token: path.slice(token, end), query: query < 0 ? '' : url.slice(query) };
  }
  if (!path.endsWith('.ics') || path.includes('/', slash + 1)) return null;
  return { kind: 'feed', token: path.slice(token, slash) };
}
