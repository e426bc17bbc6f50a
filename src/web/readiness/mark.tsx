/** Beside a cell that would stop a rerun: a sign with its words. */
import { IconAlertTriangle } from "@tabler/icons-react"
import type { Finding } from "#notebook/index.ts"
import { useDesk } from "#web/notebook/desk.tsx"
import { at } from "#web/notebook/selection.ts"
import { useStore } from "#web/notebook/use-store.ts"
import { plainWords } from "#web/readiness/look.ts"
import css from "#web/readiness/readiness.module.css"
import { useReadiness } from "#web/readiness/readiness.tsx"

export function ReadinessMark({ cell }: { readonly cell: string }) {
  const { notebook } = useDesk()
  const { look } = useReadiness()
  const words = useStore(look, (found) => wordsOf(found?.marks.get(cell)))
  if (words === "") return null
  const open = () => {
    notebook.selection.set(at(cell))
    notebook.view.change((was) => ({ ...was, rail: "readiness" }))
  }
  return (
    <button type="button" className={css["mark"]} title={words} aria-label={`Breaks a rerun: ${words}`} tabIndex={-1} onClick={open}>
      <IconAlertTriangle size={14} stroke={1.8} aria-hidden="true" />
    </button>
  )
}

function wordsOf(findings: readonly Finding[] = []): string {
  return findings.map(({ why }) => plainWords(why)).join("\n")
}
