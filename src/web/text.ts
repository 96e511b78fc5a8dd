import { cleanText } from '../calendar/index.ts';

/** Any text as a page shows it: cleaned as in a calendar, and `…4567` in one piece, for browsers would break the line after the dots. */
export const shown = (text: string): string => cleanText(text).replace(/…(?=\d)/g, '…\u2060');
