import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { type Migration, pending, readMigrations } from "#database/migrate.ts"

const step = (number: number, sha256 = `${number}`.repeat(64)): Migration => ({ number, name: `000${number}.sql`, sql: "", sha256 })

test("what was applied is not applied again", () => {
  expect(pending([step(1), step(2), step(3)], [step(1)]).map(({ name }) => name)).toEqual(["0002.sql", "0003.sql"])
  expect(pending([step(1)], [step(1)])).toEqual([])
})

test("a database of newer code is refused", () => {
  expect(() => pending([step(1)], [step(1), step(2)])).toThrow(
    expect.objectContaining({
      code: "database_mismatch",
      message: "The database is newer than this Stet: it has 0002.sql, and this one ends with 0001.sql.",
      remedy: "Start the newer Stet, or restore a backup that was made before it.",
    }),
  )
})

test("a file that changed after it was applied is refused", () => {
  expect(() => pending([step(1, "a".repeat(64))], [step(1, "b".repeat(64))])).toThrow(
    expect.objectContaining({
      code: "database_mismatch",
      message: "0001.sql was changed after the database had applied it (as bbbbbbbbbbbb, now aaaaaaaaaaaa).",
      remedy: "Put the file back as it was and write the change as a new migration.",
    }),
  )
})

test("migrations are numbered without a gap; other files of the folder are none", async () => {
  const folder = await mkdtemp(join(tmpdir(), "stet-migrations-"))
  for (const name of ["0001.sql", "0002-more.sql", "schema.sql", "notes.md"]) await writeFile(join(folder, name), "SELECT 1")
  expect((await readMigrations(folder)).map(({ number, name }) => [number, name])).toEqual([
    [1, "0001.sql"],
    [2, "0002-more.sql"],
  ])
  await writeFile(join(folder, "0004.sql"), "SELECT 1")
  await expect(readMigrations(folder)).rejects.toThrow("0004.sql is out of order: migrations are numbered from 0001 without a gap")
  await rm(folder, { recursive: true })
})
