/** Spools as files: `<run>.<attempt>.journal` in one private directory, and `<worker>.worker` for each worker that uses it. */
import { createReadStream, existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import { createZstdCompress } from "node:zlib"
import { hold, holderOf } from "#database/index.ts"
import type { Journal, JournalReading } from "#run/index.ts"
import { makeJournalFolder } from "#work/adapters/journal-folder.ts"
import type { Spool, Spools } from "#work/ports.ts"

/** How journals are opened: run/adapters/journal-file.ts, handed in at the edge. */
export type Journals = { open(path: string): Journal; read(path: string): JournalReading }

const NAME = /^([0-9A-Z]{26})\.(\d{1,6})\.journal$/

/** @throws Fault storage_unwritable when the directory cannot be made */
export function spoolDirectory(folder: string, journals: Journals): Spools {
  makeJournalFolder(folder)
  const pathOf = (run: string, attempt: number) => join(folder, `${run}.${attempt}.journal`)
  return {
    open: (run, attempt) => journals.open(pathOf(run, attempt)),
    read: (run, attempt) => journals.read(pathOf(run, attempt)),
    list: () => readdirSync(folder).flatMap((name) => spoolAt(folder, name)),
    sizeBytes: () => readdirSync(folder).reduce((sum, name) => sum + (spoolAt(folder, name)[0]?.sizeBytes ?? 0), 0),
    packed: (run, attempt) => createReadStream(pathOf(run, attempt), { highWaterMark: 1024 * 1024 }).pipe(createZstdCompress()),
    remove: (run, attempt) => rmSync(pathOf(run, attempt), { force: true }),
    setAside: (run, attempt) => renameSync(pathOf(run, attempt), `${pathOf(run, attempt)}.damaged`),
    enter: async (worker) => {
      const holding = await hold(workerFile(folder, worker))
      if ("by" in holding) throw new Error(`the worker ${worker} is there already`)
      return holding.held.release
    },
    lives: (worker) => {
      const file = workerFile(folder, worker)
      return existsSync(file) ? holderOf(file) !== undefined : undefined
    },
    forgetDead: () => forgetDead(folder),
  }
}

const WORKER = /^[0-9A-Z]{26}\.worker$/

function workerFile(folder: string, worker: string): string {
  return join(folder, `${worker}.worker`)
}

/** Once nothing is left of what dead workers wrote, nobody asks after them. */
function forgetDead(folder: string): void {
  const names = readdirSync(folder)
  if (names.some((name) => NAME.test(name))) return
  for (const name of names) if (WORKER.test(name) && !holderOf(join(folder, name))) rmSync(join(folder, name), { force: true })
}

/** None when it is no spool, or was removed meanwhile. */
function spoolAt(folder: string, name: string): Spool[] {
  const [, run, attempt] = NAME.exec(name) ?? []
  if (run === undefined) return []
  const stat = statSync(join(folder, name), { throwIfNoEntry: false })
  return stat ? [{ run, attempt: Number(attempt), sizeBytes: stat.size, changedAt: stat.mtimeMs }] : []
}
