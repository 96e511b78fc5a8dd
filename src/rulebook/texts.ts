/** Texts for people must stand in all three languages, each in its own. */
import { isObject } from '../lib/is-object.ts';
import { type Checked, everywhere, get } from './walk.ts';

const languages = {
  en: { name: 'English', script: /\p{Script=Latin}/u },
  ru: { name: 'Russian', script: /\p{Script=Cyrillic}/u },
  zh: { name: 'Chinese', script: /\p{Script=Han}/u },
} as const;

/** So many words may be a name, the same in every language. */
const MAX_NAME_LENGTH = 3;

const words = (text: string): number => text.match(/[\p{L}\p{M}\p{N}]+/gu)?.length ?? 0;

/** Adds every text that is blank, or a sentence in another language than its own. */
export function checkTexts(checked: Checked): void {
  everywhere(checked.value, (text, path) => {
    if (!isObject(text) || !Object.keys(languages).every((language) => typeof text[language] === 'string'))
      return;
    for (const [language, { name, script }] of Object.entries(languages)) {
      const said = get(text, language) as string;
      if (said.trim() === '') {
        checked.say([...path, language], `The ${name} text is blank: write it.`);
      } else if (words(said) > MAX_NAME_LENGTH && !script.test(said)) {
        const message = `The ${name} text is not in ${name}: translate it. Only a name of up to ${MAX_NAME_LENGTH} words may stay as it is.`;
        checked.say([...path, language], message);
      }
    }
  });
}
