import { Button, Checkbox, Select } from "@mantine/core"
import { useState } from "react"
import { isObject, type JsonObject } from "#base/json.ts"
import { setNotebookMetadata } from "#draft/index.ts"
import { useApi } from "#web/app/api.ts"
import { Go } from "#web/app/go.tsx"
import { useMe } from "#web/app/me.ts"
import { toast } from "#web/app/toast.tsx"
import { choosable, packagesIn } from "#web/launch/environment-names.ts"
import { useDesk, useMay } from "#web/notebook/desk.tsx"
import { NotebookPackages } from "#web/notebook/packages.tsx"
import css from "#web/notebook/rails.module.css"
import { useStore } from "#web/notebook/use-store.ts"

/** What the cells run in, and how to have them run in something else. */
export function EnvironmentPanel() {
  const { notebook } = useDesk()
  const session = useStore(notebook.state, (state) => state.session)
  return (
    <>
      <h2>Environment</h2>
      {session ? (
        <dl className={css["facts"]}>
          <dt>Kernel</dt>
          <dd>{session.displayName || "is starting"}</dd>
          {session.language !== "" && (
            <>
              <dt>Language</dt>
              <dd>{session.language}</dd>
            </>
          )}
          {session.environment !== "" && (
            <>
              <dt>Environment</dt>
              <dd>
                <bdi>{session.environment}</bdi>
              </dd>
            </>
          )}
        </dl>
      ) : (
        <p className={css["hint"]}>The kernel starts with the first cell that is run.</p>
      )}
      <ChangeKernel />
      <NotebookPackages />
      <ChangeEnvironment />
    </>
  )
}

function ChangeKernel() {
  const { notebook } = useDesk()
  const may = useMay()
  const { data } = useApi("listKernels", {})
  const own = useStore(notebook.structure, ({ metadata }) => kernelIn(metadata))
  if (!may.edit || !data) return null
  const options = data.items.map((kernel) => ({ value: kernel.name, label: kernel.displayName }))
  const known =
    options.some((option) => option.value === own) || own === "" ? options : [{ value: own, label: `${own} (not installed here)` }, ...options]
  const choose = (name: string | null) => {
    const kernel = data.items.find((each) => each.name === name)
    if (!kernel) return
    notebook.doc.transact(() => {
      setNotebookMetadata(notebook.doc, "kernelspec", { name: kernel.name, display_name: kernel.displayName, language: kernel.language })
      setNotebookMetadata(notebook.doc, "language_info", { name: kernel.language })
    }, "stet:person")
    toast("The notebook asks for another kernel. Restart the session to have it.")
  }
  return <Select label="Kernel of the notebook" data={known} value={own === "" ? null : own} onChange={choose} placeholder="Choose one" mt={12} />
}

function kernelIn(metadata: Readonly<Record<string, unknown>>): string {
  const spec = metadata["kernelspec"] as { readonly name?: unknown } | undefined
  return typeof spec?.name === "string" ? spec.name : ""
}

function ChangeEnvironment() {
  const { notebook } = useDesk()
  const may = useMay()
  const me = useMe()
  const { data } = useApi("listEnvironments", { query: { limit: 200 } })
  const kernels = useApi("listKernels", {}).data?.items
  const metadata = useStore(notebook.structure, (structure) => structure.metadata)
  const [chosen, choose] = useState<string | null>(null)
  const [mayKeep, setKeep] = useState(true)
  const [isStarting, setStarting] = useState(false)
  if (!may.run || !data || !kernels) return null
  const locked = data.items.filter(({ kind }) => kind === "locked")
  const named = choosable(
    locked,
    kernels.map(({ name }) => name),
  )
  if (named.length === 0)
    return (
      <p className={css["hint"]}>
        There is no other environment to choose.{" "}
        {me.isAdmin ? <Go href="/settings/environments">Build one in the settings</Go> : "An administrator builds them in the settings."}
      </p>
    )
  const keeps = mayKeep && may.edit
  const wanted = stetIn(metadata)["environment"]
  const kept = typeof wanted === "string" ? wanted : ""
  const taken = named.find(({ value }) => value === chosen)
  const asked = locked.find(({ sha256 }) => sha256 === kept)
  const keep = (name: string | undefined) => {
    const { environment: _, ...others } = stetIn(metadata)
    notebook.doc.transact(
      () => setNotebookMetadata(notebook.doc, "stet", name === undefined ? others : { ...others, environment: name }),
      "stet:person",
    )
  }
  const start = async () => {
    if (!taken) return
    setStarting(true)
    if (keeps) keep(taken.value)
    await notebook.live.ask({ do: "stop" })
    const answer = await notebook.live.ask({ do: "start", environment: taken.value })
    setStarting(false)
    if (!answer.ok) return toast({ text: `${answer.refusal.message} ${answer.refusal.remedy}`, kind: "failed" })
    toast(`The session runs in the environment that you chose.${keeps ? " Runs of the next version do too." : ""}`)
  }
  return (
    <>
      <Select label="Run the session in" data={named} value={chosen} onChange={choose} placeholder="An environment" mt={12} />
      {may.edit && (
        <Checkbox
          mt={8}
          label="Keep it for the notebook"
          description="Its runs, and whoever opens it next, have it too."
          checked={mayKeep}
          onChange={(event) => setKeep(event.currentTarget.checked)}
        />
      )}
      <Button mt={8} disabled={!taken} loading={isStarting} onClick={start}>
        Start a new session in it
      </Button>
      {kept !== "" && (
        <p className={css["hint"]}>
          The notebook asks for <bdi>{asked ? `the environment with ${packagesIn(asked.requirements)}` : kept}</bdi>.{" "}
          {may.edit && (
            <Button variant="subtle" px={4} h={22} onClick={() => keep(undefined)}>
              Ask for none
            </Button>
          )}
        </p>
      )}
    </>
  )
}

function stetIn(metadata: Readonly<Record<string, unknown>>): JsonObject {
  const stet = metadata["stet"] as JsonObject[string] | undefined
  return isObject(stet) ? stet : {}
}
