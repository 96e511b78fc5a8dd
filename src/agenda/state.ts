import type { AgendaEntry } from './entry.ts';

export type EntryState = 'due' | 'overdue' | 'done';

/** The last day on which an entry is not overdue: its deadline, or its own day; null if it never becomes overdue. */
function lastDay({ kind, on, deadline, variant }: AgendaEntry): string | null {
  switch (kind) {
    case 'promotions':
    case 'silent_feed':
    case 'nothing':
      return null;
    case 'check_account':
      return variant === null ? (deadline?.safe ?? on) : on;
    case 'backup':
    case 'renew':
    case 'lead':
    case 'identity':
      return deadline?.safe ?? on;
    case 'last_safe_day':
    case 'save_proof':
    case 'check_payment':
    case 'contact_support':
      return on;
    case 'stage':
    case 'overdue':
      return null;
  }
}

/**
 * The state of an entry on a day, `yyyy-mm-dd` in the person's zone: the only thing that depends on the current date.
 */
export function agendaState(entry: AgendaEntry, today: string): EntryState {
  if (entry.done) return 'done';
  // These two kinds say that a deadline was missed, so they are overdue from their own day on.
  if (entry.kind === 'stage' || entry.kind === 'overdue') return today >= entry.on ? 'overdue' : 'due';
  const last = lastDay(entry);
  return last !== null && today > last ? 'overdue' : 'due';
}
