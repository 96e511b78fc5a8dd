/** The languages that the catalogues speak. */
export { LOCALES, type Locale } from '../vocabulary.ts';
