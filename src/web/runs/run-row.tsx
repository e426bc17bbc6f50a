import { Go } from "#web/app/go.tsx"
import { Person } from "#web/app/person.tsx"
import { nameOf, parentOf, runHref } from "#web/app/places.ts"
import { StateBadge } from "#web/app/state-badge.tsx"
import { Duration, Time } from "#web/app/time.tsx"
import { shortValue } from "#web/launch/typed.ts"
import { triggerWords } from "#web/run/next-step.ts"
import { givenOf } from "#web/runs/given.ts"
import type { RunView } from "#web/runs/pages.ts"
import css from "#web/runs/runs.module.css"

type Props = { readonly run: RunView; readonly showsNotebook: boolean; readonly isReached: boolean }

/** The cells of one row of the table. */
export function RunRow({ run, showsNotebook, isReached }: Props) {
  const { notebook, space } = run
  const folder = parentOf(notebook.path)
  return (
    <>
      <td data-column="state">
        <Go href={runHref(run.id)} className={css["link"]} tabIndex={isReached ? 0 : -1} aria-label={`${run.state}, ${notebook.path}, open the run`}>
          <StateBadge state={run.state} title={run.explanation} />
        </Go>
        <Progress run={run} />
      </td>
      {showsNotebook && (
        <td data-column="notebook" title={`${space.name}/${notebook.path}`}>
          <bdi className={css["name"]}>{nameOf(notebook.path)}</bdi>{" "}
          <bdi className={css["quiet"]}>
            {space.name}
            {folder !== "" && `/${folder}`}
          </bdi>
        </td>
      )}
      <td data-column="version">v{run.version}</td>
      <td data-column="parameters">
        <What run={run} />
      </td>
      <td data-column="by" className={css["by"]} title={`${run.orderedBy.name} ${triggerWords(run)}`}>
        <Person person={run.orderedBy} />
        {run.trigger !== "person" && <span className={css["quiet"]}>{triggerWords(run)}</span>}
      </td>
      <td data-column="started">
        <Time at={run.startedAt ?? run.createdAt} />
      </td>
      <td data-column="took">{run.startedAt !== null && <Duration from={run.startedAt} to={run.endedAt} />}</td>
    </>
  )
}

/** Why it failed before what it was asked; what it was asked otherwise. */
function What({ run }: { readonly run: RunView }) {
  if (run.error)
    return (
      <span className={css["error"]} title={run.error.evalue}>
        {run.error.ename}
        {run.error.evalue !== "" && <span className={css["quiet"]}>: {run.error.evalue.slice(0, 200)}</span>}
      </span>
    )
  const entries = Object.entries(givenOf(run))
  if (entries.length === 0) return run.state === "queued" ? <span className={css["quiet"]}>{run.explanation}</span> : null
  return (
    <span className={css["parameters"]}>
      {entries.slice(0, 6).map(([name, value]) => (
        <span key={name}>
          <span className={css["quiet"]}>{name}</span> {shortValue(value, 40)}
        </span>
      ))}
    </span>
  )
}

function Progress({ run: { state, progress } }: { readonly run: RunView }) {
  if (state !== "running" || progress.total === 0) return null
  return (
    <span className={css["progress"]}>
      {progress.done}/{progress.total}
    </span>
  )
}
