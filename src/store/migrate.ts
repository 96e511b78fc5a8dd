import type { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { EngineName } from './engine.ts';
import { StoreError } from './errors.ts';
import { migrations } from './migrations/index.ts';

/**
 * Migrates the schema. The caller must hold a lock that excludes every other process.
 * @throws schema_too_new when a later version of Keepline has migrated it
 */
export const migrate = async (engine: EngineName, db: Kysely<never>): Promise<void> => {
  const known = migrations(engine);
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (tables.some((table) => table.name === 'kysely_migration')) {
    const done = await (db as unknown as Kysely<{ kysely_migration: { name: string } }>)
      .selectFrom('kysely_migration')
      .select('name')
      .execute();
    const unknown = done.filter(({ name }) => !(name in known));
    if (unknown.length > 0) {
      throw new StoreError(
        'schema_too_new',
        `The database was last opened by a later version of Keepline (it knows the schema step ` +
          `${unknown.map(({ name }) => name).join(', ')}). Start that version, or restore a backup made before it.`,
      );
    }
  }
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: async () => known },
  }).migrateToLatest();
  if (error) throw error;
};
