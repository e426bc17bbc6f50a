/** Cells that are made to show nothing, and that being taken back. Only the server says what a cell shows, so it remembers what they showed. */
import type { Room } from "#api/live/room.ts"
import type { Random } from "#base/id.ts"
import { newId } from "#base/id.ts"
import type { Clock } from "#base/time.ts"
import { showIn } from "#library/index.ts"

type Was = ReadonlyMap<string, { readonly showed: string; readonly shows: string }>
type Remembered = { count: number; readonly was: Map<number, Was> }

const MOST_REMEMBERED = 20
const BY_ROOM = new WeakMap<Room, Remembered>()

/** Gives with what it is taken back; 0 when there was nothing to clear. */
export async function clearOutputs(room: Room, cells: readonly string[], { clock, random }: { readonly clock: Clock; readonly random: Random }) {
  // Executions that begin later have later ids, and are shown.
  const shows = `cleared:${newId(clock.now(), random)}`
  const was = new Map<string, { readonly showed: string; readonly shows: string }>()
  await room.draft.change((doc) => {
    for (const id of cells) {
      const cell = room.draft.draft.cell(id)
      if (cell?.type !== "code" || cell.shows === "" || cell.shows.startsWith("cleared:")) continue
      was.set(id, { showed: cell.shows, shows })
      showIn(doc, id, shows)
    }
  })
  return was.size === 0 ? 0 : remember(room, was)
}

/** Cells that show something else by now are left alone. */
export async function unclearOutputs(room: Room, cleared: number): Promise<void> {
  const was = BY_ROOM.get(room)?.was.get(cleared)
  if (!was) return
  BY_ROOM.get(room)?.was.delete(cleared)
  await room.draft.change((doc) => {
    for (const [id, { showed, shows }] of was) if (room.draft.draft.cell(id)?.shows === shows) showIn(doc, id, showed)
  })
}

function remember(room: Room, was: Was): number {
  const known = BY_ROOM.get(room) ?? { count: 0, was: new Map<number, Was>() }
  BY_ROOM.set(room, known)
  known.count++
  known.was.set(known.count, was)
  known.was.delete(known.count - MOST_REMEMBERED)
  return known.count
}
