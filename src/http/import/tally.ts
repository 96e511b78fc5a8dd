/** What an import did, counted. */
export type Counts = { made: number; changed: number; unchanged: number };
export type Tally = { users: Counts; lines: Counts; records: Counts };

export const newTally = (): Tally => {
  const none = () => ({ made: 0, changed: 0, unchanged: 0 });
  return { users: none(), lines: none(), records: none() };
};

export function addTally(total: Tally, part: Tally) {
  for (const kind of ['users', 'lines', 'records'] as const) {
    for (const count of ['made', 'changed', 'unchanged'] as const) total[kind][count] += part[kind][count];
  }
}
