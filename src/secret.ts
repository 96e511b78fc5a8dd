/** Secrets that people and programs hold. Each has a prefix by which scanners and logs recognise it. */
import { randomBytes } from 'node:crypto';

const make = (prefix: string) => `${prefix}_${randomBytes(32).toString('base64url')}`;

/** An API key: `klk_` and 43 characters. */
export const newApiKey = (): string => make('klk');

/** A feed's token: `klf_` and 43 characters. */
export const newFeedToken = (): string => make('klf');

/** A secret of the service itself: 43 characters. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** Replaces secrets and phone numbers in a text for the log. */
export const scrub = (text: string): string =>
  text.replace(/\bkl[kf]_[\w-]{20,}/g, '[secret]').replace(/\+\d[\d ()-]{5,18}\d/g, '[number]');
