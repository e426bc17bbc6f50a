/** Who else is in the notebook, and where: read from awareness, drawn by the editors and the top bar. */
import type { Awareness } from "y-protocols/awareness"
import * as Y from "yjs"
import { colourIndex } from "#web/app/person-colour.ts"
import { type Store, storeOf } from "#web/notebook/store.ts"

export type Peer = {
  /** The Yjs client: one person may be here twice. */
  readonly client: number
  readonly id: string
  readonly name: string
  /** One of ten colours: 0 to 9. */
  readonly colour: number
  readonly cell: string
  readonly isEditing: boolean
  readonly cursor: { readonly cell: string; readonly anchor: unknown; readonly head: unknown } | null
}

export type Peers = { readonly all: readonly Peer[]; readonly byCell: ReadonlyMap<string, readonly Peer[]> }

const NOBODY: Peers = { all: [], byCell: new Map() }

export function watchPeers(awareness: Awareness): { readonly peers: Store<Peers>; readonly close: () => void } {
  const peers = storeOf(NOBODY)
  const read = () => peers.set(readPeers(awareness.getStates(), awareness.clientID))
  // One's own cursor moves with every key.
  const onChange = ({ added, updated, removed }: Record<"added" | "updated" | "removed", number[]>) => {
    if ([...added, ...updated, ...removed].some((client) => client !== awareness.clientID)) read()
  }
  awareness.on("change", onChange)
  read()
  return { peers, close: () => awareness.off("change", onChange) }
}

/** One person, however many tabs they have the notebook open in; where they are is where the tab is that has a cell under the hands. */
export type Person = Peer & { readonly tabs: number }

export function peopleIn(peers: readonly Peer[]): readonly Person[] {
  const people = new Map<string, Person>()
  for (const peer of peers) {
    const before = people.get(peer.id)
    const shown = before && (before.isEditing || peer.cell === "") ? before : peer
    people.set(peer.id, { ...shown, tabs: (before?.tabs ?? 0) + 1 })
  }
  return [...people.values()]
}

/** What others say of themselves is taken as far as it has the shape, and no further. */
export function readPeers(states: ReadonlyMap<number, Record<string, unknown>>, own: number): Peers {
  const all = [...states].filter(([client]) => client !== own).flatMap(([client, state]) => peerOf(client, state))
  all.sort((a, b) => a.client - b.client)
  const byCell = new Map<string, Peer[]>()
  for (const peer of all) byCell.set(peer.cell, [...(byCell.get(peer.cell) ?? []), peer])
  return { all, byCell }
}

function peerOf(client: number, state: Record<string, unknown>): readonly Peer[] {
  const user = state["user"] as { id?: unknown; name?: unknown } | undefined
  if (!user || typeof user !== "object") return []
  const id = typeof user.id === "string" ? user.id : String(client)
  const cursor = state["cursor"] as Peer["cursor"] | undefined
  return [
    {
      client,
      id,
      name: typeof user.name === "string" ? user.name.slice(0, 100) : "Somebody",
      colour: colourIndex(id),
      cell: typeof state["cell"] === "string" ? state["cell"] : "",
      isEditing: state["mode"] === "edit",
      cursor: cursor && typeof cursor === "object" && typeof cursor.cell === "string" ? cursor : null,
    },
  ]
}

/** Where a peer's cursor is in this text; undefined when it is elsewhere, or what they say makes no sense. */
export function placeOf(peer: Peer, text: Y.Text): { readonly anchor: number; readonly head: number } | undefined {
  if (!peer.cursor || !text.doc) return undefined
  try {
    const anchor = absolute(peer.cursor.anchor, text)
    const head = absolute(peer.cursor.head, text)
    return anchor === undefined || head === undefined ? undefined : { anchor, head }
  } catch {
    return undefined
  }
}

function absolute(said: unknown, text: Y.Text): number | undefined {
  const place = Y.createAbsolutePositionFromRelativePosition(Y.createRelativePositionFromJSON(said), text.doc!)
  return place?.type === text ? place.index : undefined
}
