/** Schemas of users: what the API takes and returns. */
import { type Static, Type } from 'typebox';
import type { User } from '../store/types.ts';
import { ExternalId, Id, Locale, nullable, strictObject, Timestamp, TimeZone } from './shapes.ts';

const fields = {
  name: Type.String({ minLength: 1, maxLength: 200, description: "The person's name." }),
  locale: Locale,
  time_zone: TimeZone,
};
export const NewUser = strictObject(
  { ...fields, external_id: Type.Optional(ExternalId) },
  { $id: 'NewUser', description: 'A person, their language and the zone they live in.' },
);
export const UserPatch = strictObject(
  {
    name: Type.Optional(fields.name),
    locale: Type.Optional(fields.locale),
    time_zone: Type.Optional(fields.time_zone),
    external_id: Type.Optional(nullable(ExternalId)),
  },
  { $id: 'UserPatch' },
);
export const UserSchema = strictObject(
  { id: Id, ...fields, external_id: nullable(ExternalId), created_at: Timestamp, updated_at: Timestamp },
  { $id: 'User' },
);
export const presentUser = (user: User): Static<typeof UserSchema> => ({
  id: user.id,
  name: user.name,
  locale: user.locale,
  time_zone: user.time_zone,
  external_id: user.external_id,
  created_at: user.created_at,
  updated_at: user.updated_at,
});
