/** Suggestions for misspelt names, by edit distance. */

/** Longer words are not misspellings of any known name. */
const MAX_LENGTH = 60;

/** Damerau–Levenshtein distance: insertions, deletions, substitutions and swaps of adjacent letters. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, before[j - 2]! + 1);
      }
      next.push(cost);
    }
    [before, row] = [row, next];
  }
  return row[b.length]!;
}

/** The known word nearest to a misspelt one, or null if none is near enough. */
export function closestMatch(given: string, known: Iterable<string>): string | null {
  if (given.length > MAX_LENGTH) return null;
  let best: string | null = null;
  let least = Math.min(3, Math.floor(given.length / 3) + 1);
  for (const candidate of known) {
    if (Math.abs(candidate.length - given.length) > least) continue;
    const steps = distance(given.toLowerCase(), candidate.toLowerCase());
    if (steps < least || (steps === least && best === null)) [best, least] = [candidate, steps];
  }
  return best;
}

/** Up to three known words near a misspelt one, the likeliest first; also ids that share two parts of their path. */
export function closestMatches(given: string, known: readonly string[]): string[] {
  const word = given.slice(0, MAX_LENGTH).toLowerCase();
  const parts = word.split('/').filter((part) => part.length > 1);
  return known
    .flatMap((candidate) => {
      const near = Math.max(2, candidate.length / 3);
      const shared = parts.filter((part) => candidate.split('/').includes(part)).length;
      // The distance is at least the difference in length, which rules out most candidates cheaply.
      if (shared <= 1 && Math.abs(word.length - candidate.length) > near) return [];
      const far = distance(word, candidate);
      return far <= near || shared > 1 ? [{ candidate, far, shared }] : [];
    })
    .sort((a, b) => b.shared - a.shared || a.far - b.far || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}
