/** The proof: a version of what stands here, run from the first cell on a new kernel, and how that ended. */
import { Button, Checkbox } from "@mantine/core"
import { IconPlayerPlay } from "@tabler/icons-react"
import { lazy, Suspense, useState } from "react"
import type { Json } from "#base/json.ts"
import { api, useApi, useForget } from "#web/app/api.ts"
import { Wrong } from "#web/app/problem.tsx"
import { lackingIn } from "#web/launch/field.ts"
import { schemaOfVersion } from "#web/launch/lossless.ts"
import type { NotebookInfo } from "#web/notebook/crumbs.ts"
import { useDesk, useMay } from "#web/notebook/desk.tsx"
import type { OpenNotebook } from "#web/notebook/open-notebook.ts"
import { type Look, writingsIn } from "#web/readiness/look.ts"
import { ProofOutcome } from "#web/readiness/proof-outcome.tsx"
import css from "#web/readiness/readiness.module.css"

const ProveDialog = lazy(() => import("#web/readiness/prove-dialog.tsx").then(({ ProveDialog }) => ({ default: ProveDialog })))

/** A version of which something has to be said first. */
type Asking = { readonly version: number; readonly schema: Json }

export function Prove({ info, look }: { readonly info: NotebookInfo; readonly look: Look }) {
  const { notebook } = useDesk()
  const forget = useForget()
  const may = useMay()
  const [isTwice, setTwice] = useState(false)
  const [asking, setAsking] = useState<Asking>()
  const [isLaunching, setLaunching] = useState(false)
  const [error, setError] = useState<unknown>()
  const writings = writingsIn(look)
  const times = isTwice ? 2 : 1
  const begin = async () => {
    setLaunching(true)
    setError(undefined)
    try {
      const version = await versionOf(notebook, may.edit)
      const lacking = lackingIn(await schemaOfVersion(info.id, version))
      if (lacking || writings.length > 0) setAsking({ version, schema: lacking ?? {} })
      else {
        await api.call("askProof", { params: { notebook: info.id, version }, body: { times } })
        await forget()
      }
    } catch (thrown) {
      setError(thrown)
    }
    setLaunching(false)
  }
  return (
    <section className={css["prove"]} aria-label="Proof">
      {may.run && (
        <Button leftSection={<IconPlayerPlay size={14} aria-hidden="true" />} loading={isLaunching} onClick={() => void begin()}>
          Run it afresh
        </Button>
      )}
      {may.run && <p className={css["hint"]}>{may.edit ? "Saves a version and runs it" : "Runs the newest version"} on a new kernel: the proof.</p>}
      {may.run && (
        <Checkbox size="xs" label="Twice, to tell chance from change" checked={isTwice} onChange={(event) => setTwice(event.currentTarget.checked)} />
      )}
      <Wrong error={error} />
      <Newest notebook={info.id} />
      {asking && (
        <Suspense>
          <ProveDialog id={info.id} {...asking} {...{ times, writings }} onClose={() => setAsking(undefined)} />
        </Suspense>
      )}
    </section>
  )
}

/** @throws Error with what the server said when the version is not saved */
async function versionOf({ live, state }: OpenNotebook, mayEdit: boolean): Promise<number> {
  if (mayEdit) {
    const answer = await live.ask({ do: "save" })
    if (!answer.ok) throw new Error(`${answer.refusal.message} ${answer.refusal.remedy}`.trim())
    return answer.value.version
  }
  const version = state.get().saved?.version
  if (version === undefined) throw new Error("There is no version of this notebook yet. Save one first.")
  return version
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
