/** What is to be said first about a run: how far it is, why it ended as it did, what to do next. */
import { Button, TextInput } from "@mantine/core"
import { useState } from "react"
import { api } from "#web/app/api.ts"
import { Go } from "#web/app/go.tsx"
import { packagesHref } from "#web/app/places.ts"
import { toastError } from "#web/app/toast.tsx"
import { languageOfCell } from "#web/notebook/languages.ts"
import { missingModule } from "#web/notebook/missing-module.ts"
import { Traceback } from "#web/outputs/traceback.tsx"
import { Code } from "#web/run/code.tsx"
import { useEarlier } from "#web/run/earlier.ts"
import { LeftKernel } from "#web/run/left-kernel.tsx"
import { nextStep } from "#web/run/next-step.ts"
import { useMayEdit } from "#web/run/rights.ts"
import css from "#web/run/run.module.css"
import type { RunSheet } from "#web/run/run-sheet.ts"
import { useOutline } from "#web/run/use-notebook.ts"
import { isUnderWay, type RunView } from "#web/runs/pages.ts"

/** The traceback counts what the kernel ran, the notebook its cells. */
function cellWords(index: number, count: number | null): string {
  return count === null ? `Show cell ${index + 1} in the notebook` : `Show cell ${index + 1}, which is In [${count}], in the notebook`
}

type Props = { readonly sheet: RunSheet; readonly onCell: (index: number) => void; readonly onCompare: () => void }

export function Happening({ sheet, onCell, onCompare }: Props) {
  const { now } = sheet
  if (isUnderWay(now)) return <UnderWay sheet={sheet} />
  if ((now.codeHidden || sheet.form) && (now.state === "failed" || now.state === "lost")) return <TellOwner run={now} />
  const missing = now.error ? missingModule(now.error.ename, now.error.evalue) : undefined
  const next = missing === undefined ? nextStep(now) : ""
  if (now.state === "succeeded" && now.explanation === "") return null
  return (
    <section className={css["happening"]} data-state={now.state} aria-label="What happened">
      {now.explanation !== "" && <p className={css["explanation"]}>{now.explanation}</p>}
      {now.error && now.error.evalue !== "" && <p className={css["said"]}>{firstLine(now.error.evalue)}</p>}
      {next !== "" && <p className={css["next"]}>{next}</p>}
      {missing !== undefined && <MissingModule name={missing} run={now} />}
      <LeftKernel run={now} />
      {now.error && <Failure run={now} onCell={onCell} onCompare={onCompare} />}
    </section>
  )
}

/** There is one thing to do: to list what brings the module. */
function MissingModule({ name, run }: { readonly name: string; readonly run: RunView }) {
  const mayEdit = useMayEdit(run.space.name)
  return (
    <p className={css["next"]}>
      There is no <code>{name}</code> in the environment of this run, nor beside the notebook.{" "}
      {mayEdit ? (
        <>
          Add what brings it to the <Go href={packagesHref(run.notebook.id)}>packages of this notebook</Go>, save a version, and run that.
        </>
      ) : (
        "Who edits the notebook adds it to its packages."
      )}
    </p>
  )
}

/** What was said: at the foot of a long traceback it is the last to be seen. */
function firstLine(evalue: string): string {
  const [line = ""] = evalue.split("\n", 1)
  return line.length > 300 ? `${line.slice(0, 300)}…` : line
}

/** Who ran it by its form, or does not see the code, can mend nothing in it: they read what its author says, and tell whom it belongs to. */
function TellOwner({ run }: { readonly run: RunView }) {
  const [told, setTold] = useState<readonly string[]>()
  const [isTelling, setTelling] = useState(false)
  const [text, setText] = useState("")
  const tell = async () => {
    setTelling(true)
    try {
      const { told: people } = await api.call("tellOwner", { params: { run: run.id }, body: { text } })
      setTold(people.map(({ name }) => name))
    } catch (error) {
      toastError(error)
    }
    setTelling(false)
  }
  return (
    <section className={css["happening"]} data-state={run.state} aria-label="What happened">
      {run.message === "" ? (
        <p className={css["explanation"]}>A step of it did not succeed. Whom it belongs to can see which one, and why.</p>
      ) : (
        <p className={css["explanation"]} dir="auto">
          {run.message}
        </p>
      )}
      <p className={css["next"]}>
        This is run <code>{run.id}</code>.
      </p>
      {told ? (
        <p role="status">{told.length === 0 ? "There is nobody left whom it belongs to." : `${told.join(", ")} will find it in the inbox.`}</p>
      ) : (
        <div className={css["steps"]}>
          <TextInput
            aria-label="What you want to say"
            placeholder="What you wanted to do"
            value={text}
            maxLength={1000}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Button size="compact-sm" loading={isTelling} onClick={tell}>
            Tell the owner
          </Button>
        </div>
      )}
    </section>
  )
}

function UnderWay({ sheet: { now, live, isBroken } }: { readonly sheet: RunSheet }) {
  const { done, total, current } = now.progress
  const next = nextStep(now)
  return (
    <section className={css["happening"]} data-state={now.state} aria-label="What happens">
      <p className={css["explanation"]} role="status">
        {now.state === "queued"
          ? now.explanation || "Waiting for a free worker."
          : total === 0
            ? "The kernel is starting."
            : `${done} of ${total} code cells are done${current === null ? "" : `; cell ${current + 1} runs`}`}
      </p>
      {now.state === "running" && <progress className={css["bar"]} max={Math.max(1, total)} value={done} aria-label="Cells done" />}
      {next !== "" && <p className={css["next"]}>{next}</p>}
      {live.notes.length > 0 && <p className={css["next"]}>{live.notes.at(-1)}</p>}
      {isBroken && <p className={css["next"]}>What happens does not come through at the moment; this page asks every 15 seconds.</p>}
    </section>
  )
}

/** The traceback first; then the cell that it is about, where the traceback does not show it itself. */
function Failure({ run, onCell, onCompare }: { readonly run: RunView } & Omit<Props, "sheet">) {
  const { error, failedCell } = run
  const earlier = useEarlier(run).data
  const outline = useOutline(run.result === null ? undefined : { kind: "result", run: run.id, attempt: run.attempt })
  if (!error) return null
  const cell = failedCell === null ? undefined : outline.data?.cells[failedCell]
  const byCount = (count: number) => outline.data?.cells.find(({ executionCount }) => executionCount === count)?.index
  const showsCell = error.traceback.some((part) => part.includes("In["))
  return (
    <>
      <div className={css["traceback"]}>
        <Traceback
          output={{ output_type: "error", ...error }}
          onOpenCell={({ executionCount }) => onCell(byCount(executionCount) ?? failedCell ?? 0)}
        />
      </div>
      {failedCell !== null && (
        <div className={css["failedCell"]}>
          {cell && !showsCell && <Code text={cell.source} language={languageOfCell("code", cell.source, outline.data?.language ?? "")} />}
          <div className={css["steps"]}>
            <Button size="compact-sm" onClick={() => onCell(failedCell)}>
              {cellWords(failedCell, cell?.executionCount ?? null)}
            </Button>
            {run.result && earlier && (
              <Button size="compact-sm" onClick={onCompare}>
                Compare with the last good run
              </Button>
            )}
          </div>
        </div>
      )}
    </>
  )
}
