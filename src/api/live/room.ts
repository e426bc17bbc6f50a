/** Everybody who has one notebook open at this server: they share its draft, see each other, and are told what was saved. */

import { presenceFrame, updateFrame } from "#api/live/frames.ts"
import { type Presence, presence } from "#api/live/presence.ts"
import type { SavedState, Tell } from "#api/live.ts"
import type { Api } from "#api/serve/handler.ts"
import { toIso } from "#base/time.ts"
import type { OpenDraft, Writer } from "#library/index.ts"
import type { NotebookId } from "#people/index.ts"

/** One socket, as the room sees it. */
export type Seat = Writer & {
  tell(what: Tell): void
  send(frame: Uint8Array): void
  /** The draft is not here any more. */
  lost(): void
}

export type Room = {
  readonly draft: OpenDraft
  readonly presence: Presence<Seat>
  readonly seats: ReadonlySet<Seat>
  saved(): Promise<SavedState>
  /** Looks at once whether what is told about the version is still so. */
  look(): Promise<void>
  tellOthers(but: Seat | undefined, frame: Uint8Array): void
  leave(seat: Seat): void
}

export type Rooms = { enter(notebook: NotebookId, seat: Seat): Promise<Room>; readonly open: number }

export function rooms(api: Api): Rooms {
  const open = new Map<NotebookId, Promise<Opened>>()
  const opened = (notebook: NotebookId): Promise<Opened> => {
    const known = open.get(notebook)
    if (known) return known
    const forget = () => open.get(notebook) === opening && open.delete(notebook)
    const opening = openRoom(api, notebook, forget)
    open.set(notebook, opening)
    opening.catch(forget)
    return opening
  }
  return {
    async enter(notebook, seat) {
      for (;;) {
        const { room, take } = await opened(notebook)
        // The last one may have left it while this one was on the way.
        if (take(seat)) return room
      }
    },
    get open() {
      return open.size
    },
  }
}

type Opened = { readonly room: Room; take(seat: Seat): boolean }

// Whether the source differs from the version's takes looking at all of it.
const LOOK_MS = 400

async function openRoom(api: Api, notebook: NotebookId, closed: () => void): Promise<Opened> {
  const draft = await api.drafts.open(notebook)
  const seats = new Set<Seat>()
  const there = presence<Seat>()
  const watch = watchSaved(api, draft, (saved) => {
    for (const seat of seats) seat.tell({ tell: "saved", saved })
  })
  const tellOthers = (but: Seat | undefined, frame: Uint8Array) => {
    for (const seat of seats) if (seat !== but) seat.send(frame)
  }
  let isOver = false
  const end = () => {
    isOver = true
    watch.stop()
    stop()
    closed()
    draft.close()
  }
  const stop = draft.listen((told) => {
    if (told.told === "update") {
      watch.soon()
      return tellOthers(told.from as Seat | undefined, updateFrame(told.bytes))
    }
    end()
    for (const seat of [...seats]) seat.lost()
  })
  const room: Room = {
    draft,
    presence: there,
    seats,
    saved: watch.saved,
    look: watch.look,
    tellOthers,
    leave(seat) {
      if (!seats.delete(seat)) return
      const gone = there.leave(seat)
      if (gone.length > 0) tellOthers(seat, presenceFrame(gone))
      if (seats.size === 0) end()
    },
  }
  const take = (seat: Seat) => !isOver && seats.add(seat) !== undefined
  return { room, take }
}

function watchSaved(api: Api, draft: OpenDraft, tell: (saved: SavedState) => void) {
  let [known, timer]: [string, ReturnType<typeof setTimeout> | undefined] = ["", undefined]
  const saved = async (): Promise<SavedState> => {
    const { number, label, createdAt, author } = await draft.base()
    return { version: number, label, at: toIso(createdAt), by: author?.name ?? "", isChanged: await draft.isChanged() }
  }
  const look = async () => {
    const now = await saved()
    if (JSON.stringify(now) !== known) tell(now)
    known = JSON.stringify(now)
  }
  return {
    saved,
    look,
    soon() {
      timer ??= setTimeout(() => {
        timer = undefined
        if (!draft.isLost()) look().catch((error: unknown) => api.world.log({ level: "warn", message: "looking at a draft", error }))
      }, LOOK_MS)
    },
    stop: () => clearTimeout(timer),
  }
}
