/** Who else is here. */
import { Tooltip } from "@mantine/core"
import { initials } from "#web/app/words.ts"
import { useDesk } from "#web/notebook/desk.tsx"
import type { Peer } from "#web/notebook/peers.ts"
import css from "#web/notebook/presence.module.css"
import { at } from "#web/notebook/selection.ts"
import { useStore } from "#web/notebook/use-store.ts"

const MOST = 5
const NONE: readonly Peer[] = []

/** In the top bar: a click goes to where they are. */
export function Presence() {
  const { notebook, desk } = useDesk()
  const all = useStore(notebook.peers, (peers) => peers.all)
  if (all.length === 0) return null
  const follow = (peer: Peer) => {
    if (!notebook.structure.get().cells.has(peer.cell)) return
    notebook.selection.set(at(peer.cell))
    desk.reveal(peer.cell, "center")
  }
  return (
    <ul className={css["people"]} aria-label="Also here">
      {all.slice(0, MOST).map((peer) => (
        <li key={peer.client}>
          <Tooltip label={peer.cell === "" ? peer.name : `${peer.name}: go to their cell`}>
            <button
              type="button"
              className={css["person"]}
              data-peer={peer.colour}
              aria-label={`${initials(peer.name)}: go to the cell of ${peer.name}`}
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

/** At a cell: who has it under their hands. */
export function PeersHere({ cell }: { readonly cell: string }) {
  const { notebook } = useDesk()
  const here = useStore(notebook.peers, (peers) => peers.byCell.get(cell) ?? NONE)
  if (here.length === 0) return null
  return (
    <span className={css["here"]} data-peer={here[0]?.colour}>
      {here.map((peer) => (
        <span key={peer.client} className={css["flag"]} data-peer={peer.colour}>
          <bdi>{peer.name}</bdi>
          {peer.isEditing ? <span className="unseen"> is typing here</span> : null}
        </span>
      ))}
    </span>
  )
}
