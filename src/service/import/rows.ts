/** What the rows of an import say, each in its form; an id or an external_id names what a row belongs to. */
import type { RecordInput } from '../../retention/record.ts';
import type { Mark, PaymentChange, Proof, User } from '../../store/types.ts';
import type { GivenFeed } from '../feed-options.ts';
import type { GivenLine } from '../line-fields.ts';
import type { GivenPayment } from '../payment-body.ts';
import type { FieldError } from '../refusal.ts';

/** Opens a person: the rows that follow are theirs. */
export type UserRow = Pick<User, 'name' | 'locale' | 'time_zone'> & {
  object: 'user';
  id?: string;
  external_id?: string;
  created_at?: string;
};

export type LineRow = GivenLine & { object: 'line'; id?: string; user?: string; created_at?: string };

/** A payment with its whole life; the record that it makes now names it. */
export type PaymentRow = GivenPayment & {
  object: 'payment';
  id: string;
  line: string;
  external_id?: string;
  no_proof?: boolean;
  proof_elsewhere?: boolean;
  /** The record that it makes now. */
  record?: string;
  changes: PaymentChange[];
  created_at?: string;
};

export type RecordRow = {
  object: 'record';
  id?: string;
  line: string;
  recorded_at?: string;
  voided_by?: string | null;
  payment?: string;
} & RecordInput;

/** What was said of an entry of the agenda: that it is done, or to be reminded of it on another day. */
export type MarkRow = Pick<Mark, 'line' | 'kind' | 'cycle' | 'what' | 'at'> & {
  object: 'mark';
  on_day?: string;
};

/** A proof; its bytes follow in `proof_part` rows, in their order. */
export type ProofRow = Pick<Proof, 'id' | 'payment' | 'type' | 'size' | 'sha256'> & {
  object: 'proof';
  name?: string;
  created_at?: string;
};
type ProofPartRow = { object: 'proof_part'; proof: string; data: string };

/** What an entry that a feed has shown was, without its text. */
type ShownItem = {
  uid: string;
  line?: string;
  hash: string;
  sequence: number;
  created_at: string;
  revised_at: string;
};

/** A feed's options, and what it has shown. */
export type FeedRow = GivenFeed & {
  object: 'feed';
  id: string;
  created_at?: string;
  published?: { changed_at: string; hash: string; items: ShownItem[] };
};

export type Row = UserRow | LineRow | PaymentRow | RecordRow | MarkRow | ProofRow | ProofPartRow | FeedRow;

/** A row with its number, from 1. */
export type NumberedRow = { row: Row; number: number };

/** A row as it was read, and its length in bytes; or what is wrong with it, and whether it was to open a person. */
export type ReadRow = { number: number; bytes: number } & (
  | { row: Row }
  | { errors: FieldError[]; isUser: boolean }
);

/** The record in a row, without what is the row's. */
export function recordOf({
  object: _,
  id: __,
  line: ___,
  recorded_at: ____,
  voided_by: _____,
  payment: ______,
  ...record
}: RecordRow) {
  return record as RecordInput;
}
