/** Whom a proposal would break, before it does. */
import type { Answered } from "#api/contract.ts"
import { Go } from "#web/app/go.tsx"
import { Person } from "#web/app/person.tsx"
import { runHref } from "#web/app/places.ts"
import { Time } from "#web/app/time.tsx"
import { byWords } from "#web/templates/by-words.ts"
import css from "#web/templates/templates.module.css"

export function Breaks({ proposal: { breaks } }: { readonly proposal: Answered<"getProposal"> }) {
  if (breaks.length === 0) return null
  return (
    <section aria-label="Callers it breaks">
      <h2>It breaks {breaks.length === 1 ? "one caller" : `${breaks.length} callers`}</h2>
      <p className={css["quiet"]}>What they gave within thirty days, this version does not take. Tell them before it is promoted.</p>
      <table className={css["runs"]}>
        <tbody>
          {breaks.map(({ person, by, scheduler, run, at, runs, problems }) => (
            <tr key={`${person.id} ${by} ${scheduler}`}>
              <td>
                <Person person={person} />
                <br />
                <span className={css["quiet"]}>
                  {byWords(by, scheduler)}, {runs === 1 ? "one run" : `${runs.toLocaleString("en-US")} runs`},{" "}
                  <Go href={runHref(run)}>
                    <Time at={at} />
                  </Go>
                </span>
              </td>
              <td dir="auto">
                {problems.map((problem) => (
                  <p key={problem}>{problem}</p>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
