/** The door of the room that keeps state in PostgreSQL. */
export { dumpSchema } from "#database/catalog/dump.ts"
export { type Postgres, startPostgres } from "#database/embedded/start.ts"
export type { Listen, Stop } from "#database/listen.ts"
export { type Migrated, migrate } from "#database/migrate.ts"
export { type Database, type DatabaseOptions, type Db, openDatabase } from "#database/open.ts"
export { at, toJsonb } from "#database/parsers.ts"
export type { Tables } from "#database/tables.ts"
export { isRetryable, retrying, toFault } from "#database/trouble.ts"
