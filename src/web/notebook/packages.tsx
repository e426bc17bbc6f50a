/** The packages that a Python notebook brings along: what it lists, sessions and runs are built with. */
import { Button, Textarea } from "@mantine/core"
import { useState } from "react"
import { isObject, type JsonObject } from "#base/json.ts"
import { setNotebookMetadata } from "#draft/index.ts"
import { languageOf, type Notebook } from "#notebook/index.ts"
import { toast } from "#web/app/toast.tsx"
import { useDesk, useMay } from "#web/notebook/desk.tsx"
import css from "#web/notebook/rails.module.css"
import { useStore } from "#web/notebook/use-store.ts"
import { useReadiness } from "#web/readiness/readiness.tsx"

export function NotebookPackages() {
  const { notebook } = useDesk()
  const may = useMay()
  const { look } = useReadiness()
  const metadata = useStore(notebook.structure, (structure) => structure.metadata) as JsonObject
  const block = useStore(look, (found) => (found ? hasBlock(found.notebook) : false))
  const language = languageOf({ metadata } as Notebook)
  if (!may.edit || !may.run || (language !== "" && language !== "python")) return null
  return (
    <section className={css["packages"]}>
      <h3>Packages of this notebook</h3>
      {block ? <InBlock /> : <Listed kept={listedIn(metadata).join("\n")} metadata={metadata} />}
    </section>
  )
}

/** As it is written in a cell, where it is changed. */
function InBlock() {
  const { isStarting, start } = useNewSession()
  return (
    <>
      <p className={css["hint"]}>
        The cell with <code>{"# /// script"}</code> lists them. A new session is built with what stands there.
      </p>
      <Button mt={8} loading={isStarting} onClick={start}>
        Start a new session with them
      </Button>
      {isStarting && <Meanwhile />}
    </>
  )
}

function Listed({ kept, metadata }: { readonly kept: string; readonly metadata: JsonObject }) {
  const { notebook } = useDesk()
  const { look } = useReadiness()
  const imported = useStore(look, (found) => found?.packages ?? NONE)
  const [typed, type] = useState<string>()
  const { isStarting, start } = useNewSession()
  const text = typed ?? kept
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
  const lacks = imported.filter((name) => !lines.some((line) => isFor(line, name)))
  const take = async () => {
    const stet = isObject(metadata["stet"]) ? metadata["stet"] : {}
    const { requirements: _, ...others } = stet
    setNotebookMetadata(notebook.doc, "stet", lines.length === 0 ? others : { ...others, requirements: lines })
    if (await start()) type(undefined)
  }
  return (
    <>
      <Textarea
        aria-label="Packages of this notebook"
        description="As pip writes them, one a line. They go with the notebook: its sessions and runs have these and nothing else."
        placeholder={"pandas==2.3.*\nscikit-learn"}
        autosize
        minRows={3}
        maxRows={14}
        value={text}
        onChange={(event) => type(event.currentTarget.value)}
      />
      {lacks.length > 0 && (
        <Button mt={8} onClick={() => type([...lines, ...lacks].join("\n"))}>
          Add what is imported: {lacks.slice(0, 3).join(", ")}
          {lacks.length > 3 ? ` and ${lacks.length - 3} more` : ""}
        </Button>
      )}
      <Button mt={8} variant="filled" disabled={text.trim() === kept} loading={isStarting} onClick={take}>
        Use them in a new session
      </Button>
      {isStarting && <Meanwhile />}
    </>
  )
}

function Meanwhile() {
  return (
    <p className={css["hint"]} role="status">
      A session starts. Where packages are still to be installed, this takes a minute or two; the top bar says when it is ready.
    </p>
  )
}

/** Instead of the one that lives. It is told of at once, and starts as long as its packages are being installed. */
function useNewSession() {
  const { notebook } = useDesk()
  const [isAsked, setAsked] = useState(false)
  const [isMine, setMine] = useState(false)
  const begins = useStore(notebook.state, ({ session }) => session?.state === "starting")
  // One that was begun elsewhere is nothing that this button does.
  const isStarting = isAsked || (isMine && begins)
  const start = async (): Promise<boolean> => {
    setAsked(true)
    setMine(true)
    await notebook.live.ask({ do: "stop" })
    const answer = await notebook.live.ask({ do: "start" })
    setAsked(false)
    if (!answer.ok) toast({ text: `${answer.refusal.message} ${answer.refusal.remedy}`.trim(), kind: "failed" })
    return answer.ok
  }
  return { isStarting, start }
}

const NONE: readonly string[] = []

function listedIn(metadata: JsonObject): readonly string[] {
  const stet = metadata["stet"]
  const list = isObject(stet) ? stet["requirements"] : undefined
  if (typeof list === "string") return list.split("\n")
  return Array.isArray(list) ? list.filter((line): line is string => typeof line === "string") : []
}

function hasBlock({ cells }: Notebook): boolean {
  return cells.some(({ cell_type, source }) => cell_type === "code" && String(source).includes("# /// script"))
}

/** `scikit_learn[all]>=1` is for `scikit-learn`. */
function isFor(line: string, name: string): boolean {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[-_.]+/gu, "-")
  return plain(/^[\w.-]+/u.exec(line)?.[0] ?? "") === plain(name)
}
