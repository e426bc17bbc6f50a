/** A finding that is no problem here: let stand with a reason, which is kept in the notebook itself, and taken up again. */
import { Button, TextInput } from "@mantine/core"
import { type FormEvent, useState } from "react"
import { setCellMetadata, setNotebookMetadata } from "#draft/index.ts"
import { dismissing, type Finding } from "#notebook/index.ts"
import { actOnCells } from "#web/notebook/act-cells.ts"
import { useDesk } from "#web/notebook/desk.tsx"
import type { Desk } from "#web/notebook/desk-type.ts"
import css from "#web/readiness/readiness.module.css"

export function Dismissal({ finding }: { readonly finding: Finding }) {
  const { desk } = useDesk()
  const [isOpen, open] = useState(false)
  const [reason, setReason] = useState("")
  if (finding.dismissed !== undefined) {
    return (
      <button type="button" className={css["let"]} onClick={() => write(desk, finding, undefined)}>
        Take it up again
      </button>
    )
  }
  if (!isOpen) {
    return (
      <button type="button" className={css["let"]} onClick={() => open(true)}>
        Not a problem here…
      </button>
    )
  }
  const send = (event: FormEvent) => {
    event.preventDefault()
    if (reason.trim() !== "") write(desk, finding, reason.trim())
  }
  return (
    <form className={css["dismissal"]} onSubmit={send}>
      <TextInput
        size="xs"
        label="Why is it no problem here?"
        value={reason}
        maxLength={500}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Button size="compact-sm" type="submit" variant="filled" disabled={reason.trim() === ""}>
        Let it stand
      </Button>
    </form>
  )
}

/** An edit like any other: one step of undo, and part of the next version. */
function write(desk: Desk, finding: Finding, reason: string | undefined): void {
  const { draft, undo } = desk.notebook
  const metadata = finding.cell === "" ? draft.metadata() : draft.cell(finding.cell)?.metadata
  if (!metadata) return desk.say({ text: "The cell is gone meanwhile.", kind: "failed" })
  const stet = dismissing(metadata, finding, reason)
  undo.stopCapturing()
  if (finding.cell === "") setNotebookMetadata(draft.doc, "stet", stet)
  else setCellMetadata(draft.doc, finding.cell, "stet", stet)
  undo.stopCapturing()
  const step = undo.undoStack.at(-1)
  desk.say({
    text: reason === undefined ? "Taken up again." : "Let stand. The reason is kept in the notebook.",
    undo: () => {
      if (undo.undoStack.at(-1) === step) actOnCells(desk, "undo")
      else desk.say({ text: "You have edited the notebook since. Undo takes back the newest edit first: press Z in a cell.", kind: "failed" })
    },
  })
}
