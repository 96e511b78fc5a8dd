export type Locale = 'en' | 'ru' | 'zh';

export const LOCALES: readonly Locale[] = ['en', 'ru', 'zh'];
