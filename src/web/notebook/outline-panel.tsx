import { useEffect, useState } from "react"
import { useDesk } from "#web/notebook/desk.tsx"
import { type Heading, headingAbove, headingsIn } from "#web/notebook/outline.ts"
import css from "#web/notebook/rails.module.css"
import { at } from "#web/notebook/selection.ts"
import { useStore } from "#web/notebook/use-store.ts"

export function OutlinePanel() {
  const { notebook, desk } = useDesk()
  const [headings, setHeadings] = useState<readonly Heading[]>(() => headingsIn(notebook.draft.cells()))
  useEffect(() => {
    const look = () => setHeadings(headingsIn(notebook.draft.cells()))
    look()
    return notebook.texts.watchAll(look)
  }, [notebook])
  const here = useStore(notebook.selection, (selection) => headingAbove(headings, notebook.structure.get().ids, selection.active))
  const least = Math.min(...headings.map((heading) => heading.level))
  const go = (cell: string) => {
    notebook.selection.set(at(cell))
    desk.reveal(cell, "start")
    desk.focusCell(cell)
  }
  return (
    <>
      <h2>Outline</h2>
      {headings.length === 0 && <p className={css["hint"]}>Headings in text cells appear here. Press 1 in a cell to make it one.</p>}
      <ul className={css["outline"]}>
        {headings.map((heading) => (
          <li key={heading.key}>
            <button
              type="button"
              style={{ paddingInlineStart: 8 + (heading.level - least) * 14 }}
              data-level={heading.level}
              aria-current={here === heading.key ? "location" : undefined}
              onClick={() => go(heading.cell)}
            >
              <bdi>{heading.text}</bdi>
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}
