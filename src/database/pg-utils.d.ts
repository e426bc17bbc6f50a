// The package's types leave this out; its own cursors take it from here as well.
declare module "pg/lib/utils.js" {
  /** A parameter as PostgreSQL reads it. */
  export function prepareValue(value: unknown): string | Buffer | null
}
