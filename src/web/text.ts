import { cleanText } from '../calendar/index.ts';

/** A text for display on a page: cleaned as in a calendar, and without a line break within `…4567`. */
export const displayText = (text: string): string => cleanText(text).replace(/…(?=\d)/g, '…\u2060');
