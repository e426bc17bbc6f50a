/** Writes a draft's updates down, one after the other and as many together as came meanwhile. */

import * as Y from "yjs"
import type { LibraryWorld } from "#library/ports.ts"
import { appendUpdate, compactDraft, type StoredDraft } from "#library/sql/draft.ts"

export type Entry<From> = { readonly bytes: Uint8Array; readonly from: From }

export type DraftLog<From> = {
  push(entry: Entry<From>): void
  /** Resolves when all that was pushed until now is written, or given up. */
  written(): Promise<void>
  /** What was written until now becomes one state, unless there is more to write. */
  compact(state: () => Uint8Array): Promise<void>
  /** Nothing more is written. */
  giveUp(): void
}

export type LogEnds<From> = {
  readonly written: (entry: Entry<From>) => void
  /** Another process holds the draft, or the database does not take it: what was told and not written is lost here. */
  readonly lost: (error?: unknown) => void
  readonly state: () => Uint8Array
}

const COMPACT_AFTER = 2000

export function draftLog<From>(world: Pick<LibraryWorld, "db">, stored: StoredDraft, ends: LogEnds<From>): DraftLog<From> {
  let [seq, uncompacted] = [stored.seq, stored.updates.length]
  let waiting: Entry<From>[] = []
  let isWriting = false
  let isOver = false
  let [pushed, done] = [0, 0]
  let sleepers: { readonly upTo: number; readonly wake: () => void }[] = []
  const wake = () => {
    for (const { upTo, wake } of sleepers) if (isOver || upTo <= done) wake()
    sleepers = sleepers.filter(({ upTo }) => !isOver && upTo > done)
  }

  const compact = async (state: () => Uint8Array) => {
    if (uncompacted === 0 || isOver || waiting.length > 0) return
    uncompacted = 0
    if (!(await compactDraft(world.db, stored, { seq, state: state() }))) ends.lost()
  }
  const write = async () => {
    while (waiting.length > 0 && !isOver) {
      const batch = waiting
      waiting = []
      const [first] = batch
      const bytes = first && batch.length === 1 ? first.bytes : Y.mergeUpdates(batch.map((each) => each.bytes))
      if (!(await appendUpdate(world.db, stored, { seq: seq + 1, bytes }))) return ends.lost()
      seq++
      uncompacted++
      done += batch.length
      for (const entry of batch) ends.written(entry)
      wake()
      if (uncompacted >= COMPACT_AFTER) await compact(ends.state)
    }
  }
  const start = () => {
    if (isWriting) return
    isWriting = true
    write()
      .catch(ends.lost)
      .finally(() => {
        isWriting = false
        if (waiting.length > 0 && !isOver) start()
      })
  }
  return {
    push(entry) {
      if (isOver) return
      pushed++
      waiting.push(entry)
      start()
    },
    async written() {
      if (!isOver && pushed > done) await new Promise<void>((resolve) => sleepers.push({ upTo: pushed, wake: resolve }))
    },
    compact,
    giveUp() {
      isOver = true
      waiting = []
      wake()
    },
  }
}
