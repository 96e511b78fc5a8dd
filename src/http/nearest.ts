import { distance } from '../spelling.ts';

/** Those of the known words that somebody may have meant, the likeliest first, three at the most. */
export function nearest(given: string, known: readonly string[]): string[] {
  const word = given.slice(0, 60).toLowerCase();
  const parts = word.split('/').filter((part) => part.length > 1);
  return known
    .map((candidate) => ({
      candidate,
      far: distance(word, candidate),
      shared: parts.filter((part) => candidate.split('/').includes(part)).length,
    }))
    .filter(({ candidate, far, shared }) => far <= Math.max(2, candidate.length / 3) || shared > 1)
    .sort((a, b) => b.shared - a.shared || a.far - b.far || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}
