/** What came of the newest proof: of which version, by whom, when and in which environment, and what was not shown again. */
import { Go } from "#web/app/go.tsx"
import { runHref, versionsHref } from "#web/app/places.ts"
import { StateBadge } from "#web/app/state-badge.tsx"
import { Duration, Time } from "#web/app/time.tsx"
import { useDesk } from "#web/notebook/desk.tsx"
import { useStore } from "#web/notebook/use-store.ts"
import { InEnvironment } from "#web/readiness/in-environment.tsx"
import { apartIn, type Proof, type ProvenCell, proofWords, valuesIn } from "#web/readiness/proof.ts"
import css from "#web/readiness/readiness.module.css"
import { Sentence } from "#web/readiness/sentence.tsx"
import { show } from "#web/readiness/show.ts"

export function ProofOutcome({ proof }: { readonly proof: Proof }) {
  const { notebook: open } = useDesk()
  const { version, state, said, runs, askedAt, askedBy, endedAt, notebook } = proof
  const isEdited = useStore(open.state, ({ saved }) => saved !== null && (saved.isChanged || saved.version !== version))
  return (
    <div className={css["outcome"]}>
      <p className={css["outcome-line"]} role="status">
        <StateBadge state={state} />
        {runs.map((run, at) => (
          <Go key={run} href={runHref(run)}>
            {runs.length === 1 ? "Open the run" : `Run ${at + 1}`}
          </Go>
        ))}
        <span className={css["quiet"]}>{state === "running" ? <Duration from={askedAt} /> : <Time at={endedAt} />}</span>
      </p>
      <p>{proofWords(proof)}</p>
      <Values proof={proof} />
      {said !== "" && (
        <p className={css["why"]}>
          <bdi>{said}</bdi>
        </p>
      )}
      <Apart cells={apartIn(proof)} />
      <p className={css["quiet"]}>
        Asked for by <bdi>{askedBy.name}</bdi>, of <Go href={versionsHref(notebook, version)}>version {version}</Go>
        <InEnvironment digest={proof.environment} />
        {isEdited && "; the notebook has been edited since"}.
      </p>
    </div>
  )
}

/** With which values, where it was given any. */
function Values({ proof }: { readonly proof: Proof }) {
  const values = valuesIn(proof)
  if (values.length === 0) return null
  return (
    <dl className={css["values"]} aria-label="With">
      {values.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <bdi>{value}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Apart({ cells }: { readonly cells: readonly ProvenCell[] }) {
  const { desk } = useDesk()
  if (cells.length === 0) return null
  return (
    <ul className={css["findings"]} aria-label="Not shown again">
      {cells.map(({ cell, number, is, why }) => (
        <li key={cell}>
          <button type="button" className={css["go"]} onClick={() => show(desk, { cell })}>
            <span className={css["place"]}>
              Cell {number}, {WORDS[is]}
            </span>
            <Sentence text={why} />
          </button>
        </li>
      ))}
    </ul>
  )
}

const WORDS: Readonly<Record<ProvenCell["is"], string>> = {
  same: "the same",
  same_but_volatile: "the same",
  unknown: "not compared",
  missing: "missing",
  differs: "something else",
  varies: "otherwise each time",
}
