/** Who else is here. */
import { Tooltip } from "@mantine/core"
import { useMemo } from "react"
import { useMe } from "#web/app/me.ts"
import { initials } from "#web/app/words.ts"
import { useDesk } from "#web/notebook/desk.tsx"
import { type Peer, type Person, peopleIn } from "#web/notebook/peers.ts"
import css from "#web/notebook/presence.module.css"
import { at } from "#web/notebook/selection.ts"
import { useStore } from "#web/notebook/use-store.ts"

const MOST = 5
const NONE: readonly Peer[] = []

/** In the top bar: a click goes to where they are. */
export function Presence() {
  const { notebook, desk } = useDesk()
  const peers = useStore(notebook.peers, ({ all }) => all)
  const me = useMe()
  const all = useMemo(() => peopleIn(peers).map((one) => (one.id === me.person.id ? { ...one, isMe: true } : one)), [peers, me.person.id])
  if (all.length === 0) return null
  const follow = (peer: Peer) => {
    if (!notebook.structure.get().cells.has(peer.cell)) return
    notebook.selection.set(at(peer.cell))
    desk.reveal(peer.cell, "center")
  }
  return (
    <ul className={css["people"]} aria-label="Also here">
      {all.slice(0, MOST).map((peer) => (
        <li key={peer.id}>
          <Tooltip label={peer.cell === "" ? nameOf(peer) : `${nameOf(peer)}: go to their cell`}>
            <button
              type="button"
              className={css["person"]}
              data-peer={peer.colour}
              aria-label={`${initials(peer.name)}: go to the cell of ${nameOf(peer)}`}
              onClick={() => follow(peer)}
            >
              {initials(peer.name)}
            </button>
          </Tooltip>
        </li>
      ))}
      {all.length > MOST && <li className={css["more"]}>+{all.length - MOST}</li>}
    </ul>
  )
}

function nameOf({ name, tabs, isMe = false }: Person & { readonly isMe?: boolean }): string {
  if (isMe) return tabs > 1 ? `you, in ${tabs} other tabs` : "you, in another tab"
  return tabs > 1 ? `${name}, in ${tabs} tabs` : name
}

/** At a cell: who has it under their hands. */
export function PeersHere({ cell }: { readonly cell: string }) {
  const { notebook } = useDesk()
  const here = useStore(notebook.peers, (peers) => peers.byCell.get(cell) ?? NONE)
  if (here.length === 0) return null
  return (
    <span className={css["here"]} data-peer={here[0]?.colour}>
      <span className={css["flags"]}>
        {peopleIn(here).map((peer) => (
          <span key={peer.id} className={css["flag"]} data-peer={peer.colour}>
            <bdi>{peer.name}</bdi>
            {peer.isEditing ? <span className="unseen"> is typing here</span> : null}
          </span>
        ))}
      </span>
    </span>
  )
}
