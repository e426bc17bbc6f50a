/** The yes to what test runs would change outside once more: the server says which cells do. */
import { ApiProblem } from "#api/client.ts"
import css from "#web/tests/tests.module.css"

export type Writing = { readonly cell: string; readonly number: number; readonly what: readonly string[] }

/** The cells that an answer lists for which it needs a yes; undefined when it says something else. */
export function writesAgainIn(thrown: unknown): readonly Writing[] | undefined {
  if (!(thrown instanceof ApiProblem) || thrown.problem.code !== "writes_again") return undefined
  return (thrown.problem.facts?.["cells"] ?? []) as unknown as readonly Writing[]
}

export function WritesAgain({ writings, times }: { readonly writings: readonly Writing[]; readonly times: string }) {
  return (
    <div className={css["again"]} role="alert">
      <p>It changes something outside of its own directory, or may, and does so again {times}:</p>
      <ul>
        {writings.map(({ cell, number, what }) => (
          <li key={cell}>
            Cell {number} {what.map(words).join(", ")}
          </li>
        ))}
      </ul>
    </div>
  )
}

const PLACES: Readonly<Record<string, string>> = {
  file: "writes files elsewhere",
  sql: "changes a database",
  network: "sends over the network",
  process: "runs a command",
  unknown: "may change anything",
}

/** "sql cur.execute" → "changes a database (cur.execute)" */
function words(what: string): string {
  const [kind = "", ...rest] = what.split(" ")
  return `${PLACES[kind] ?? kind} (${rest.join(" ")})`
}
