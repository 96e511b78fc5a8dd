import { cleanLine } from './text.ts';

/** One feed's address in the form each client takes. */
export type SubscribeLinks = {
  /** To paste anywhere; the only form that every client accepts. */
  https: string;
  /** Opens Apple Calendar, and most desktop programs. */
  webcal: string;
  google: string;
  outlook: string;
  /** The feed's own page: the address without its last segment. */
  page: string;
};

/**
 * The links that subscribe to a feed.
 * @param feedUrl the feed's public address, `https://host/cal/{token}/{name}.ics` (http on a home server).
 * @param name what Outlook calls the calendar; any text.
 */
export function subscribeLinks(feedUrl: string, name: string): SubscribeLinks {
  const webcal = feedUrl.replace(/^https?:/i, 'webcal:');
  return {
    https: feedUrl,
    webcal,
    // With https in cid, Google takes the address for somebody's e-mail address and refuses it.
    google: `https://calendar.google.com/calendar/u/0/r?cid=${encodeURIComponent(webcal)}`,
    outlook: `https://outlook.live.com/calendar/0/addfromweb/?url=${encodeURIComponent(webcal)}&name=${encodeURIComponent(cleanLine(name))}`,
    page: feedUrl.slice(0, feedUrl.lastIndexOf('/')),
  };
}
