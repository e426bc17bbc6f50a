import { IconPlus } from "@tabler/icons-react"
import { insertCell } from "#draft/index.ts"
import css from "#web/notebook/cell.module.css"
import { useDesk, useMay } from "#web/notebook/desk.tsx"
import { at } from "#web/notebook/selection.ts"
import { useStore } from "#web/notebook/use-store.ts"

/** Between two cells: where the next one goes. For the mouse; `A` and `B` do the same. */
export function InsertLine({ before, hasTools }: { readonly before: string; readonly hasTools: boolean }) {
  const may = useMay()
  if (!may.edit) return null
  return (
    <div className={css["insert"]} aria-hidden="true">
      {hasTools && <InsertButtons before={before} />}
    </div>
  )
}

function InsertButtons({ before }: { readonly before: string }) {
  const make = useInsert()
  return (
    <>
      <button type="button" tabIndex={-1} onClick={() => make({ before }, "code")}>
        <IconPlus size={12} /> Code
      </button>
      <button type="button" tabIndex={-1} onClick={() => make({ before }, "markdown")}>
        <IconPlus size={12} /> Text
      </button>
    </>
  )
}

/** After the last cell, always there. */
export function InsertEnd() {
  const may = useMay()
  const { notebook } = useDesk()
  const make = useInsert()
  const isNew = useStore(notebook.structure, ({ ids, cells }) => ids.length === 1 && cells.get(ids[0]!)?.source.length === 0)
  if (!may.edit) return null
  const end = () => ({ at: notebook.structure.get().ids.length })
  return (
    <div className={css["insert-end"]}>
      <button type="button" onClick={() => make(end(), "code")}>
        <IconPlus size={14} aria-hidden="true" /> Code
      </button>
      <button type="button" onClick={() => make(end(), "markdown")}>
        <IconPlus size={14} aria-hidden="true" /> Text
      </button>
      {isNew && (
        <p className={css["first"]}>
          Press <kbd>Enter</kbd> to write in the cell and <kbd>Shift+Enter</kbd> to run it; <kbd>?</kbd> shows all keys.
        </p>
      )}
    </div>
  )
}

function useInsert() {
  const { notebook, desk } = useDesk()
  return (place: { readonly before: string } | { readonly at: number }, type: string) => {
    notebook.undo.stopCapturing()
    const id = insertCell(notebook.doc, { type, ...place })
    notebook.undo.stopCapturing()
    notebook.selection.set(at(id, "edit"))
    desk.reveal(id)
    notebook.editors.focus(id, "start")
  }
}
