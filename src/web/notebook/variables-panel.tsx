import { Button, TextInput } from "@mantine/core"
import { useCallback, useEffect, useRef, useState } from "react"
import type { Answers, Variable, VariableDetail } from "#api/live.ts"
import { digits, sizeWords } from "#web/app/words.ts"
import { useDesk, useMay } from "#web/notebook/desk.tsx"
import type { Refused } from "#web/notebook/live.ts"
import css from "#web/notebook/rails.module.css"
import { useStore } from "#web/notebook/use-store.ts"

/** What the kernel holds at the moment; asked again whenever a cell has ended. */
export function VariablesPanel() {
  const { notebook } = useDesk()
  const may = useMay()
  const session = useStore(notebook.state, (state) => state.session)
  const { found, refusal, ask } = useVariables()
  const [typed, type] = useState("")
  const [chosen, choose] = useState<string | null>(null)
  const low = typed.toLowerCase()
  const shown = found?.variables.filter((each) => `${each.name} ${each.type}`.toLowerCase().includes(low)) ?? []
  const isThere = session !== null && session.state !== "ended" && session.state !== "dead" && session.state !== "lost"
  return (
    <>
      <h2>Variables</h2>
      {!isThere && <p className={css["hint"]}>Run a cell: what it defines appears here.</p>}
      {isThere && !may.run && <p className={css["hint"]}>Who may run cells sees the variables.</p>}
      {isThere && may.run && (
        <>
          <TextInput
            size="xs"
            placeholder="Filter"
            aria-label="Filter the variables"
            value={typed}
            onChange={(event) => type(event.currentTarget.value)}
          />
          {refusal && (
            <p className={css["hint"]}>
              {refusal.message} {refusal.remedy} <Button onClick={ask}>Ask again</Button>
            </p>
          )}
          {found && found.variables.length === 0 && <p className={css["hint"]}>Nothing is defined yet.</p>}
          <ul className={css["variables"]}>
            {shown.map((variable) => (
              <li key={variable.name}>
                <OneVariable
                  variable={variable}
                  isOpen={chosen === variable.name}
                  onToggle={() => choose(chosen === variable.name ? null : variable.name)}
                />
              </li>
            ))}
          </ul>
          {found?.truncated && <p className={css["hint"]}>There are more than are shown. Filter by name.</p>}
        </>
      )}
    </>
  )
}

const TOGETHER_MS = 150

function useVariables() {
  const { notebook } = useDesk()
  const may = useMay()
  const [found, setFound] = useState<Answers["variables"] | null>(null)
  const [refusal, setRefusal] = useState<Refused | null>(null)
  const ended = useStore(notebook.state, (state) => endedCount(state.executions))
  const session = useStore(notebook.state, (state) => (state.session ? `${state.session.id} ${state.session.state}` : ""))
  const isAsking = useRef(false)
  const isOpened = useRef(false)
  const ask = useCallback(async () => {
    if (isAsking.current) return
    isAsking.current = true
    const answer = await notebook.live.ask({ do: "variables" })
    isAsking.current = false
    if (answer.ok) setFound(answer.value)
    setRefusal(answer.ok ? null : answer.refusal)
  }, [notebook])
  // biome-ignore lint/correctness/useExhaustiveDependencies: what has ended since, and another session, are the reasons to ask again
  useEffect(() => {
    if (session === "" || !may.run) return
    // Who opens the panel waits for it; cells that end one after another are asked about together.
    const timer = setTimeout(ask, isOpened.current ? TOGETHER_MS : 0)
    isOpened.current = true
    return () => clearTimeout(timer)
  }, [ended, session, may.run, ask])
  return { found, refusal, ask }
}

function endedCount(executions: ReadonlyMap<string, { readonly endedAt: string | null }>): number {
  let count = 0
  for (const { endedAt } of executions.values()) if (endedAt !== null) count++
  return count
}

function OneVariable({ variable, isOpen, onToggle }: { readonly variable: Variable; readonly isOpen: boolean; readonly onToggle: () => void }) {
  return (
    <>
      <button type="button" className={css["variable"]} aria-expanded={isOpen} onClick={onToggle}>
        <span className={css["name"]}>{variable.name}</span>
        <span className={css["type"]}>
          {variable.type}
          {variable.shape !== "" && ` ${variable.shape}`}
        </span>
        <span className={css["preview"]}>{variable.preview}</span>
      </button>
      {isOpen && <Detail variable={variable} />}
    </>
  )
}

function Detail({ variable }: { readonly variable: Variable }) {
  const { notebook } = useDesk()
  const [detail, setDetail] = useState<VariableDetail | string>("")
  useEffect(() => {
    let isGone = false
    notebook.live.ask({ do: "variable", name: variable.name }).then((answer) => {
      if (!isGone) setDetail(answer.ok ? answer.value : `${answer.refusal.message} ${answer.refusal.remedy}`)
    })
    return () => {
      isGone = true
    }
  }, [notebook, variable.name])
  if (typeof detail === "string") return <p className={css["hint"]}>{detail || "…"}</p>
  return (
    <div className={css["detail"]}>
      {detail.sizeBytes !== null && <p className={css["hint"]}>{sizeWords(detail.sizeBytes)}</p>}
      {detail.table ? <Table table={detail.table} /> : <pre>{detail.text}</pre>}
    </div>
  )
}

function Table({ table }: { readonly table: NonNullable<VariableDetail["table"]> }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
    <section className={css["table"]} tabIndex={0} aria-label="The beginning of the table">
      <table>
        <thead>
          <tr>
            {table.columns.map((column) => (
              <th key={column.name} scope="col" title={column.type}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other name
            <tr key={at}>
              {row.map((value, column) => (
                <td key={table.columns[column]?.name ?? column}>{value}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {table.totalRows > table.rows.length && (
        <p className={css["hint"]}>
          {digits(table.rows.length)} of {digits(table.totalRows)} rows
        </p>
      )}
    </section>
  )
}
