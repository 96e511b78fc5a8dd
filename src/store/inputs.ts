/** The store's inputs: page requests, new rows, patches. */
import type { RecordInput } from '../retention/record.ts';
import type * as entity from './entities.ts';

/** The cursor of a list: the last row's place in the order (created_at, id). */
export type Position = { created_at: string; id: string };
export type PageRequest = { limit: number; after?: Position | null };
/** `next` is null on the last page. */
export type Page<T> = { items: T[]; next: Position | null };

/** New rows: the store fills in the id and the moments, unless an import provides them. */
export type NewUser = Pick<entity.User, 'name' | 'locale' | 'time_zone'> &
  Partial<Pick<entity.User, 'id' | 'external_id' | 'created_at'>>;
export type NewKey = Pick<entity.Key, 'user' | 'scope' | 'name' | 'digest'> &
  Partial<Pick<entity.Key, 'expires_at'>>;
export type NewLine = Pick<entity.Line, 'user' | 'rule' | 'label'> &
  Partial<Omit<entity.Line, 'user' | 'rule' | 'label' | 'updated_at'>>;
export type NewRecord = { body: RecordInput; payment?: string | null; id?: string; recorded_at?: string };
export type NewPayment = Pick<entity.Payment, 'line' | 'body'> &
  Partial<Pick<entity.Payment, 'id' | 'external_id' | 'no_proof' | 'proof_elsewhere' | 'created_at'>>;
/** A payment with all its changes. */
export type PaymentWithHistory = Omit<NewPayment, 'line'> & {
  changes: readonly [entity.PaymentChange, ...entity.PaymentChange[]];
};
/** A field left out stays as it is; `no_proof` and `proof_elsewhere` are replaced together. */
export type PaymentPatch = Partial<
  Pick<entity.Payment, 'state' | 'body' | 'external_id' | 'no_proof' | 'proof_elsewhere' | 'record'>
>;
export type NewProof = Pick<entity.Proof, 'payment' | 'file'> & {
  id: string;
  name: string | null;
  node: string;
};
/** A proof whose file was written before its row. */
export type ProofOfFileAhead = Omit<entity.Proof, 'created_at'> & Partial<Pick<entity.Proof, 'created_at'>>;
export type NewFeed = Omit<
  entity.Feed,
  'id' | 'alarm_hour' | 'history_days' | 'created_at' | 'updated_at' | 'last_fetched_at' | 'client'
> &
  Partial<Pick<entity.Feed, 'id' | 'created_at' | 'alarm_hour' | 'history_days'>>;

/** A field left out stays as it is. */
export type UserPatch = Partial<Pick<entity.User, 'name' | 'locale' | 'time_zone' | 'external_id'>>;
export type LinePatch = Partial<
  Pick<entity.Line, 'label' | 'number' | 'time_zone' | 'plan_price' | 'facts' | 'external_id'>
>;
export type FeedPatch = Partial<Omit<NewFeed, 'id' | 'user' | 'created_at'>>;
