import { distance } from '../spelling.ts';

/** The word that was probably meant, or null where none is near. */
export function nearest(word: string, words: Iterable<string>): string | null {
  if (word.length > 60) return null;
  let best: string | null = null;
  let least = Math.min(3, Math.floor(word.length / 3) + 1);
  for (const candidate of words) {
    if (Math.abs(candidate.length - word.length) > least) continue;
    const steps = distance(word.toLowerCase(), candidate.toLowerCase());
    if (steps < least || (steps === least && best === null)) [best, least] = [candidate, steps];
  }
  return best;
}
