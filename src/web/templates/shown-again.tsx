/** Whether the fresh rerun showed what the version holds, and where it did not. It informs who reviews, and stands in nobody's way. */
import { useQuery } from "@tanstack/react-query"
import type { Answered } from "#api/contract.ts"
import { useApi } from "#web/app/api.ts"
import { counted } from "#web/app/words.ts"
import { nameOfSource, reader, type Source } from "#web/run/reading/reader.ts"
import css from "#web/templates/templates.module.css"
import { Parts } from "#web/versions/explained.tsx"

type Proposal = Answered<"getProposal">
type Shown = NonNullable<Proposal["checks"][number]["shown"]>

/** Nothing while it runs, and of proposals from before this was asked. */
export function ShownAgain({ proposal: { checks, notebook, version } }: { readonly proposal: Proposal }) {
  const rerun = checks.find(({ kind }) => kind === "rerun")
  if (!rerun?.shown || rerun.run === null) return null
  return (
    <section aria-label="Shown again" className={css["changes"]}>
      <h2>Shown again</h2>
      <p>{wordsFor(rerun.shown)}</p>
      {rerun.shown.is === "otherwise" && (
        <OutputsBetween before={{ kind: "version", notebook, version }} run={rerun.run} title="What is stored, and what it showed" isOpen />
      )}
    </section>
  )
}

function wordsFor({ is, said, compared, cells }: Shown): string {
  if (is === "again") return `From a fresh kernel it showed again all that the version holds, in ${counted(compared, "cell")}.`
  if (is === "unclear") return said
  return `From a fresh kernel ${counted(cells.length, "cell")} of ${compared} showed something else than the version holds. That stands in nobody's way.`
}

type Between = { readonly before: Source; readonly run: string; readonly title: string; readonly isOpen?: boolean }

/** The cells of which a run's result shows something else, each with what differs. */
export function OutputsBetween({ before, run, title, isOpen = false }: Between) {
  const found = useApi("getRun", { params: { run } })
  const after: Source | undefined = found.data && { kind: "result", run, attempt: found.data.attempt }
  return (
    <details open={isOpen}>
      <summary>{title}</summary>
      {after && <Cells before={before} after={after} />}
    </details>
  )
}

function Cells({ before, after }: { readonly before: Source; readonly after: Source }) {
  const { data, error } = useQuery({
    queryKey: ["explained", nameOfSource(before), nameOfSource(after)],
    queryFn: () => reader.explainAll(before, after),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  if (error) return <p role="alert">{error.message}</p>
  if (!data) return null
  const apart = data.filter(({ is }) => is === "differs" || is === "missing")
  const unclear = data.filter(({ is }) => is === "unknown").length
  const same = data.length - apart.length - unclear
  return (
    <>
      <p className={css["quiet"]}>
        {[
          ...(apart.length > 0 ? [`${counted(apart.length, "cell")} with other outputs`] : []),
          ...(same > 0 ? [`${counted(same, "cell")} the same`] : []),
          ...(unclear > 0 ? [`${counted(unclear, "cell")} not to be compared`] : []),
        ].join(" · ") || "Neither shows anything."}
      </p>
      {apart.map(({ cell, number, at, explained, why }) => (
        <section key={`${number} ${cell}`} aria-label={`Outputs of cell ${number}`}>
          <h3>Cell {number}</h3>
          {explained.length === 0 ? <p>{why}</p> : <Parts parts={explained} where={{ before, after, at, cell }} />}
        </section>
      ))}
    </>
  )
}
