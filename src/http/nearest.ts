/** The number of letters to change, add or drop to turn one word into the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j++) {
      const swap = (row[j] as number) + (letter === to[j] ? 0 : 1);
      next.push(Math.min(swap, (row[j + 1] as number) + 1, (next[j] as number) + 1));
    }
    row = next;
  }
  return row[to.length] as number;
}

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
