/** Checks that texts for people are there in all three languages, each in its own. */
import { isObject } from '../lib/is-object.ts';
import { type CheckContext, get, visitAll } from './walk.ts';

const languages = {
  en: { name: 'English', script: /\p{Script=Latin}/u },
  ru: { name: 'Russian', script: /\p{Script=Cyrillic}/u },
  zh: { name: 'Chinese', script: /\p{Script=Han}/u },
} as const;

/** A text of up to this many words may be a name, the same in every language. */
const MAX_NAME_LENGTH = 3;

const words = (text: string): number => text.match(/[\p{L}\p{M}\p{N}]+/gu)?.length ?? 0;

/** Reports every text that is blank, or a sentence in another language than its own. */
export function checkTexts(context: CheckContext): void {
  visitAll(context.value, (text, path) => {
    if (!isObject(text) || !Object.keys(languages).every((language) => typeof text[language] === 'string'))
      return;
    for (const [language, { name, script }] of Object.entries(languages)) {
      const translation = get(text, language) as string;
      if (translation.trim() === '') {
        context.report([...path, language], `The ${name} text is blank: write it.`);
      } else if (words(translation) > MAX_NAME_LENGTH && !script.test(translation)) {
        const message = `The ${name} text is not in ${name}: translate it. Only a name of up to ${MAX_NAME_LENGTH} words may stay as it is.`;
        context.report([...path, language], message);
      }
    }
  });
}
