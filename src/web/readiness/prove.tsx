/** The proof: a version of what stands here, run from the first cell on a new kernel, and how that ended. */
import { Button } from "@mantine/core"
import { IconPlayerPlay } from "@tabler/icons-react"
import { useState } from "react"
import { api, useApi } from "#web/app/api.ts"
import { ConfirmDialog } from "#web/app/confirm-dialog.tsx"
import { Go } from "#web/app/go.tsx"
import { runHref, versionsHref } from "#web/app/places.ts"
import { Wrong } from "#web/app/problem.tsx"
import { StateBadge } from "#web/app/state-badge.tsx"
import { Duration } from "#web/app/time.tsx"
import type { NotebookInfo } from "#web/notebook/crumbs.ts"
import { useDesk, useMay } from "#web/notebook/desk.tsx"
import type { OpenNotebook } from "#web/notebook/open-notebook.ts"
import { useStore } from "#web/notebook/use-store.ts"
import { type Look, plainWords, writingsIn } from "#web/readiness/look.ts"
import css from "#web/readiness/readiness.module.css"
import { type Proof, useReadiness } from "#web/readiness/readiness.tsx"

export function Prove({ info, look }: { readonly info: NotebookInfo; readonly look: Look }) {
  const { notebook } = useDesk()
  const { proof } = useReadiness()
  const may = useMay()
  const shown = useStore(proof, (now) => now)
  const [isAsking, setAsking] = useState(false)
  const [isLaunching, setLaunching] = useState(false)
  const [error, setError] = useState<unknown>()
  const launch = async () => {
    setLaunching(true)
    setError(undefined)
    try {
      proof.set(await launched(notebook, may.edit))
    } catch (thrown) {
      setError(thrown)
    }
    setLaunching(false)
  }
  const writings = writingsIn(look)
  return (
    <section className={css["prove"]} aria-label="Proof">
      {may.run && (
        <Button
          leftSection={<IconPlayerPlay size={14} aria-hidden="true" />}
          loading={isLaunching}
          onClick={() => (writings.length > 0 ? setAsking(true) : void launch())}
        >
          Run it afresh
        </Button>
      )}
      {may.run && <p className={css["hint"]}>{may.edit ? "Saves a version and runs it" : "Runs the newest version"} on a new kernel: the proof.</p>}
      <Wrong error={error} />
      {shown && <Outcome proof={shown} notebook={info.id} />}
      {isAsking && (
        <ConfirmDialog title="Run it afresh?" action="Run it all the same" onConfirm={launch} onClose={() => setAsking(false)}>
          <p>It changes something outside of the notebook, and does so again when it runs:</p>
          <ul>
            {writings.map(({ cell, number, what }) => (
              <li key={cell}>
                Cell {number} {what.map(plainWords).join(", ")}
              </li>
            ))}
          </ul>
        </ConfirmDialog>
      )}
    </section>
  )
}

/** @throws Error with what the server said when the version is not saved or the run not taken */
async function launched({ id, live, state }: OpenNotebook, mayEdit: boolean): Promise<Proof> {
  let version = state.get().saved?.version
  if (mayEdit) {
    const answer = await live.ask({ do: "save" })
    if (!answer.ok) throw new Error(`${answer.refusal.message} ${answer.refusal.remedy}`.trim())
    version = answer.value.version
  }
  const run = await api.call("launchRun", { body: { notebook: id, version: version ?? "latest" } })
  return { run: run.id, version: run.version }
}

const OVER = new Set(["succeeded", "failed", "cancelled", "lost"])

function Outcome({ proof: { run, version }, notebook }: { readonly proof: Proof; readonly notebook: string }) {
  const { notebook: open } = useDesk()
  const [isOver, setOver] = useState<string>()
  const { data, error } = useApi("getRun", { params: { run } }, isOver === run ? {} : { everyMs: 1000 })
  const isEdited = useStore(open.state, ({ saved }) => saved !== null && (saved.isChanged || saved.version !== version))
  if (error && !data) return <Wrong error={error} />
  if (!data) return null
  if (OVER.has(data.state) && isOver !== run) setOver(run)
  return (
    <div className={css["outcome"]} role="status">
      <p className={css["outcome-line"]}>
        <StateBadge state={data.state} />
        <Go href={runHref(run)}>Open the run</Go>
        <span className={css["quiet"]}>
          <Duration from={data.startedAt} to={data.endedAt} />
        </span>
      </p>
      {data.error && (
        <p className={css["why"]}>
          {data.failedCell !== null && `Cell ${data.failedCell + 1}: `}
          <bdi>
            {data.error.ename}: {data.error.evalue}
          </bdi>
        </p>
      )}
      {!data.error && data.state !== "succeeded" && data.explanation !== "" && <p className={css["why"]}>{data.explanation}</p>}
      <p className={css["quiet"]}>
        It ran <Go href={versionsHref(notebook, version)}>version {version}</Go>
        {isEdited && ", and the notebook has been edited since"}.
      </p>
    </div>
  )
}
