/**
 * One draft in the memory of the one process that may have it.
 *
 * An edit is checked, put into the document, written down, and only then told to others and acknowledged. When it cannot be written
 * the document is ahead of what is kept: it is thrown away, everybody is sent to fetch it again, and what they still have in hand
 * they send once more.
 */

import * as Y from "yjs"
import { Fault } from "#base/fault.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { type BadUpdate, checkUpdate, DRAFT_RULES, type Draft, openDraft, SERVER, settler } from "#draft/index.ts"
import { draftLog } from "#library/draft-log.ts"
import type { LibraryWorld } from "#library/ports.ts"
import type { Held, StoredDraft } from "#library/sql/draft.ts"
import type { Actor } from "#people/index.ts"

export type DraftTold =
  /** `from` is who sent it; undefined when it is the server's own. */
  | { readonly told: "update"; readonly bytes: Uint8Array; readonly from: Writer | undefined }
  /** This process has it no longer: whoever listens has to open it again. */
  | { readonly told: "lost" }

/** One connection of somebody. */
export type Writer = {
  readonly actor: Actor
  /** By which rules of drafts it writes; those of a page that was open while Stet was updated are not the server's. */
  readonly rules: number
}

export type HeldDraft = {
  readonly doc: Y.Doc
  readonly draft: Draft
  /** What was told, and is kept. */
  readonly held: Held
  isLost(): boolean
  /** Puts the edit in, and says when it is kept. @throws never */
  take(by: Writer, update: Uint8Array): Outcome<Promise<void>, BadUpdate>
  /** Edits of the server itself; resolves when they are kept. @throws Fault when the draft is lost */
  change(edit: (doc: Y.Doc) => void): Promise<void>
  /** Everything that was done until now is kept. @throws Fault when the draft is lost */
  kept(): Promise<void>
  /** Nobody else writes under this number while it is somebody's. False when it is another's already. */
  claim(client: number, by: Writer): boolean
  listen(heard: (told: DraftTold) => void): () => void
  /** Makes one state of all updates. */
  compact(): Promise<void>
  lose(error?: unknown): void
}

const MOST_CELLS = 20_000
/** Bytes of a draft, history of its texts included. */
const MOST_BYTES = 256 * 1024 * 1024

export function holdDraft(world: Pick<LibraryWorld, "db">, stored: StoredDraft, failed: (error: unknown) => void): HeldDraft {
  const doc = new Y.Doc()
  for (const bytes of [stored.state, ...stored.updates]) Y.applyUpdate(doc, bytes, SERVER)
  const listeners = new Set<(told: DraftTold) => void>()
  const tell = (told: DraftTold) => {
    for (const heard of [...listeners]) heard(told)
  }
  let sizeBytes = stored.state.length
  let isLost = false
  const lose = (error?: unknown) => {
    if (error !== undefined) failed(error)
    if (isLost) return
    isLost = true
    log.giveUp()
    tell({ told: "lost" })
    listeners.clear()
  }
  const state = () => Y.encodeStateAsUpdate(doc)
  const log = draftLog<Writer | undefined>(world, stored, { written: ({ bytes, from }) => tell({ told: "update", bytes, from }), lost: lose, state })
  doc.on("update", (bytes: Uint8Array, origin: unknown) => {
    sizeBytes += bytes.length
    log.push({ bytes, from: isWriter(origin) ? origin : undefined })
  })
  const kept = async () => {
    await log.written()
    if (isLost) throw lostFault()
  }
  const claim = claims()
  const settle = settler(doc)
  return {
    doc,
    draft: openDraft(doc),
    held: stored,
    isLost: () => isLost,
    kept,
    lose,
    claim,
    take(by, update) {
      if (isLost) return bad("it came when the draft was being handed over: it is sent again by itself")
      if (sizeBytes + update.length > MOST_BYTES) return bad("the draft is as large as a draft can be: delete what is not needed, or go on in a copy")
      const refusal = put(doc, update, { by, claim, settle })
      if (!refusal) return accepted(kept())
      if (isStuck(doc)) lose(new Error(`an update of ${by.actor.id} was checked, and Yjs keeps it waiting`))
      return refusal
    },
    async change(edit) {
      if (isLost) throw lostFault()
      doc.transact(() => edit(doc), SERVER)
      await kept()
    },
    listen(heard) {
      listeners.add(heard)
      return () => void listeners.delete(heard)
    },
    compact: () => log.compact(state),
  }
}

type Putting = { readonly by: Writer; readonly claim: HeldDraft["claim"]; readonly settle: ReturnType<typeof settler> }

/** Undefined when it is in. */
function put(doc: Y.Doc, update: Uint8Array, { by, claim, settle }: Putting): Refused | undefined {
  const mayWriteAs = (client: number) => client !== doc.clientID && claim(client, by)
  const checked = checkUpdate(doc, update, { mayWriteAs, mostCells: MOST_CELLS })
  if (!checked.ok) return checked
  // Text means the same by any rules; by others a split or an undo may double it.
  if (by.rules !== DRAFT_RULES && !checked.value.isOnlyText)
    return bad("Stet has been updated since this page was opened, and the page edits cells as it was done before. Reload it and do it again")
  settle(checked.value, () => Y.applyUpdate(doc, update, by))
  return isStuck(doc) ? bad("it cannot be put together with the draft") : undefined
}

/** Something waits for what never came: the check should have found it. */
function isStuck({ store }: Y.Doc): boolean {
  return store.pendingStructs !== null || store.pendingDs !== null
}

const MOST_CLAIMS = 20_000

function claims(): HeldDraft["claim"] {
  const owners = new Map<number, string>()
  return (client, { actor }) => {
    const owner = owners.get(client)
    if (owner !== undefined) return owner === actor.id
    owners.set(client, actor.id)
    if (owners.size > MOST_CLAIMS) owners.delete(owners.keys().next().value as number)
    return true
  }
}

function isWriter(origin: unknown): origin is Writer {
  return typeof origin === "object" && origin !== null && "actor" in origin
}

type Refused = { readonly ok: false; readonly refusal: BadUpdate }

function bad(why: string): Refused {
  return { ok: false, refusal: { refused: "bad_update", message: `The edit was not taken: ${why}.` } }
}

export function lostFault(): Fault {
  return new Fault("busy", "The draft is being handed over to another process.", { retry: "later", remedy: "Try again in a moment." })
}
