/** The proof: a version of what stands here, run from the first cell on a new kernel, and how that ended. */
import { Button, Checkbox } from "@mantine/core"
import { IconPlayerPlay } from "@tabler/icons-react"
import { useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import { api, useApi } from "#web/app/api.ts"
import { ConfirmDialog } from "#web/app/confirm-dialog.tsx"
import { Wrong } from "#web/app/problem.tsx"
import type { NotebookInfo } from "#web/notebook/crumbs.ts"
import { useDesk, useMay } from "#web/notebook/desk.tsx"
import type { OpenNotebook } from "#web/notebook/open-notebook.ts"
import { type Look, plainWords, writingsIn } from "#web/readiness/look.ts"
import { ProofOutcome } from "#web/readiness/proof-outcome.tsx"
import css from "#web/readiness/readiness.module.css"

export function Prove({ info, look }: { readonly info: NotebookInfo; readonly look: Look }) {
  const { notebook } = useDesk()
  const queries = useQueryClient()
  const may = useMay()
  const [isTwice, setTwice] = useState(false)
  const [isAsking, setAsking] = useState(false)
  const [isLaunching, setLaunching] = useState(false)
  const [error, setError] = useState<unknown>()
  const writings = writingsIn(look)
  const launch = async () => {
    setLaunching(true)
    setError(undefined)
    try {
      await launched(notebook, { mayEdit: may.edit, times: isTwice ? 2 : 1, mayWrite: writings.length > 0 })
      await queries.invalidateQueries({ queryKey: ["listProofs"] })
    } catch (thrown) {
      setError(thrown)
    }
    setLaunching(false)
  }
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
      {may.run && (
        <Checkbox size="xs" label="Twice, to tell chance from change" checked={isTwice} onChange={(event) => setTwice(event.currentTarget.checked)} />
      )}
      <Wrong error={error} />
      <Newest notebook={info.id} />
      {isAsking && (
        <ConfirmDialog title="Run it afresh?" action="Run it all the same" onConfirm={launch} onClose={() => setAsking(false)}>
          <p>It changes something outside of the notebook, and does so again when it runs{isTwice && ", twice"}:</p>
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

type Launching = { readonly mayEdit: boolean; readonly times: 1 | 2; readonly mayWrite: boolean }

/** @throws Error with what the server said when the version is not saved or the proof not begun */
async function launched({ id, live, state }: OpenNotebook, { mayEdit, times, mayWrite }: Launching): Promise<void> {
  let version = state.get().saved?.version
  if (mayEdit) {
    const answer = await live.ask({ do: "save" })
    if (!answer.ok) throw new Error(`${answer.refusal.message} ${answer.refusal.remedy}`.trim())
    version = answer.value.version
  }
  if (version === undefined) throw new Error("There is no version of this notebook yet. Save one first.")
  await api.call("askProof", { params: { notebook: id, version }, body: { times, mayWrite } })
}

/** Whoever asked for it: everybody sees the newest. */
function Newest({ notebook }: { readonly notebook: string }) {
  const [isRunning, setRunning] = useState(false)
  const { data, error } = useApi("listProofs", { params: { notebook }, query: { limit: 1 } }, isRunning ? { everyMs: 1000 } : {})
  const newest = data?.items[0]
  if ((newest?.state === "running") !== isRunning) setRunning(newest?.state === "running")
  if (error && !data) return <Wrong error={error} />
  return newest ? <ProofOutcome proof={newest} /> : null
}
