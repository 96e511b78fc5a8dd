import type { AgendaEntry } from './entry.ts';

export type EntryState = 'due' | 'overdue' | 'done';

/** Until which day an entry is in time: the deadline it prepares for, or its own day. */
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

/** Where an entry stands on a day, `yyyy-mm-dd` in the person's zone: the one thing that today decides. */
export function agendaState(entry: AgendaEntry, today: string): EntryState {
  if (entry.done) return 'done';
  // These two say that a day has been missed: they are so from their own day on.
  if (entry.kind === 'stage' || entry.kind === 'overdue') return today >= entry.on ? 'overdue' : 'due';
  const last = lastDay(entry);
  return last !== null && today > last ? 'overdue' : 'due';
}
