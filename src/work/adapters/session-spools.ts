/** Journals of sessions as files: `<session>.session` in one private directory. */
import { readdirSync, renameSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import type { Journal, JournalReading, SessionEvent } from "#run/index.ts"
import { makeJournalFolder } from "#work/adapters/journal-folder.ts"
import type { SessionSpools } from "#work/ports.ts"

/** How they are opened: run/adapters/journal-file.ts, handed in at the edge. */
export type SessionJournals = { open(path: string): Journal<SessionEvent>; read(path: string): JournalReading<SessionEvent> }

const NAME = /^([0-9A-Z]{26})\.session$/

/** @throws Fault storage_unwritable when the directory cannot be made */
export function sessionSpools(folder: string, journals: SessionJournals): SessionSpools {
  makeJournalFolder(folder)
  const pathOf = (session: string) => join(folder, `${session}.session`)
  return {
    open: (session) => journals.open(pathOf(session)),
    read: (session) => journals.read(pathOf(session)),
    list: () =>
      readdirSync(folder).flatMap((name) => {
        const session = NAME.exec(name)?.[1]
        const stat = session === undefined ? undefined : statSync(join(folder, name), { throwIfNoEntry: false })
        return session !== undefined && stat ? [{ session, changedAt: stat.mtimeMs }] : []
      }),
    remove: (session) => rmSync(pathOf(session), { force: true }),
    setAside: (session) => renameSync(pathOf(session), `${pathOf(session)}.damaged`),
  }
}
