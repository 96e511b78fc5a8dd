/** Keeps `…4567` in one piece: browsers would break the line after the dots. */
export const unbroken = (text: string): string => text.replace(/…(?=\d)/g, '…\u2060');
