/** Which cells the test cases of an ended test run reached: as a number, and cell by cell. */
import { IconAlertTriangle, IconCheck, IconReplace } from "@tabler/icons-react"
import type { Answered } from "#api/contract.ts"
import { useApi } from "#web/app/api.ts"
import { counted } from "#web/app/words.ts"
import css from "#web/tests/tests.module.css"

type Cell = Answered<"getTestCoverage">["cells"][number]

/** Nothing where there is no cell to be reached, or nothing is known any more. */
export function Coverage({ testRun }: { readonly testRun: string }) {
  const { data } = useApi("getTestCoverage", { params: { testRun } })
  if (!data || data.total === 0 || data.known === 0) return null
  const { covered, total, known, of, cells } = data
  return (
    <details className={css["coverage"]}>
      <summary>
        {covered === total ? `They reach ${total === 1 ? "its only cell" : `all ${total} cells`}` : `They reach ${covered} of ${total} cells`}
        {known < of && <span className={css["quiet"]}> (of {counted(known, "test case")}; the others did not run, or are gone)</span>}
      </summary>
      <ul aria-label="Cells">
        {cells.map((cell) => (
          <One key={cell.id} cell={cell} />
        ))}
      </ul>
    </details>
  )
}

function One({ cell }: { readonly cell: Cell }) {
  const { number, tags, line } = cell
  const { icon: Icon, is, words } = standOf(cell)
  return (
    <li data-is={is}>
      <span className={css["reach"]}>
        <Icon size={14} aria-hidden="true" />
        {words}
      </span>
      <span className={css["cell"]}>
        Cell {number}
        {tags.map((tag) => ` “${tag}”`)} <code>{line}</code>
      </span>
    </li>
  )
}

function standOf({ cases, mocked }: Cell) {
  if (cases > 0) return { icon: IconCheck, is: "reached", words: counted(cases, "test case") } as const
  if (mocked > 0) return { icon: IconReplace, is: "replaced", words: "replaced" } as const
  return { icon: IconAlertTriangle, is: "never", words: "never" } as const
}
