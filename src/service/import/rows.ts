/** Types of the rows of an import; rows refer to their user, line or payment by id or external_id. */
import type { RecordInput } from '../../retention/record.ts';
import type { Mark, PaymentChange, Proof, User } from '../../store/types.ts';
import type { GivenFeed } from '../feed-options.ts';
import type { GivenLine } from '../line-fields.ts';
import type { GivenPayment } from '../payment-body.ts';
import type { FieldError } from '../refusal.ts';

/** Begins a user: the rows that follow belong to them. */
export type UserRow = Pick<User, 'name' | 'locale' | 'time_zone'> & {
  object: 'user';
  id?: string;
  external_id?: string;
  created_at?: string;
};

export type LineRow = GivenLine & { object: 'line'; id?: string; user?: string; created_at?: string };

/** A payment with its whole history; its present record refers to it. */
export type PaymentRow = GivenPayment & {
  object: 'payment';
  id: string;
  line: string;
  external_id?: string;
  no_proof?: boolean;
  proof_elsewhere?: boolean;
  /** Its present record. */
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

/** A mark of an agenda entry: it is done, or its reminder is moved to another day. */
export type MarkRow = Pick<Mark, 'line' | 'kind' | 'cycle' | 'what' | 'at'> & {
  object: 'mark';
  on_day?: string;
};

/** A proof; its bytes follow in `proof_part` rows, in order. */
export type ProofRow = Pick<Proof, 'id' | 'payment' | 'type' | 'size' | 'sha256'> & {
  object: 'proof';
  name?: string;
  created_at?: string;
};
type ProofPartRow = { object: 'proof_part'; proof: string; data: string };

/** The publication state of an entry, without its text. */
type ShownItem = {
  uid: string;
  line?: string;
  hash: string;
  sequence: number;
  created_at: string;
  revised_at: string;
};

/** A feed's options and the state of its publication. */
export type FeedRow = GivenFeed & {
  object: 'feed';
  id: string;
  created_at?: string;
  published?: { changed_at: string; hash: string; items: ShownItem[] };
};

export type Row = UserRow | LineRow | PaymentRow | RecordRow | MarkRow | ProofRow | ProofPartRow | FeedRow;

/** A row with its number, from 1. */
export type NumberedRow = { row: Row; number: number };

/** A row with its length in bytes; or its errors, and whether it looked like a `user` row. */
export type ReadRow = { number: number; bytes: number } & (
  | { row: Row }
  | { errors: FieldError[]; isUser: boolean }
);

/** The record in a row, without the fields of the row itself. */
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
