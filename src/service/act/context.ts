/** The context of an act, and the error that refuses its form. */
import type { AgendaEntry } from '../../agenda/index.ts';
import type { FormError } from '../../link-form.ts';
import type { BookedRule } from '../../rulebook/index.ts';
import type { Line } from '../../store/types.ts';
import type { App } from '../context.ts';

export type ActContext = {
  app: App;
  line: Line;
  booked: BookedRule;
  entry: AgendaEntry;
  /** The id of the feed that the link belongs to. */
  feed: string;
};

/** Refuses a form, with the field that is wrong and the message to show. */
export class FormRefused extends Error {
  readonly error: FormError;

  constructor(error: FormError) {
    super('A form of a calendar link was refused.');
    this.error = error;
  }
}
