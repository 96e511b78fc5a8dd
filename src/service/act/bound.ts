/** What an act is about, and how its form is refused. */
import type { AgendaEntry } from '../../agenda/index.ts';
import type { FormError } from '../../link-form.ts';
import type { BookedRule } from '../../rulebook/index.ts';
import type { Line } from '../../store/types.ts';
import type { App } from '../context.ts';

export type Bound = {
  app: App;
  line: Line;
  booked: BookedRule;
  entry: AgendaEntry;
  /** The id of the feed whose link it is. */
  feed: string;
};

/** A form that cannot be taken, by the field that is wrong and the sentence that says why. */
export class FormRefused extends Error {
  readonly wrong: FormError;

  constructor(wrong: FormError) {
    super('A form of a calendar link was refused.');
    this.wrong = wrong;
  }
}
