/** The parameters that a cell declares, as a small form: what is typed in it is written into the source. */
import { Checkbox, Select, TextInput } from "@mantine/core"
import { type KeyboardEvent, useEffect, useState } from "react"
import { setSource } from "#draft/index.ts"
import type { Notebook, Parameter } from "#notebook/index.ts"
import { useDesk } from "#web/notebook/desk.tsx"
import css from "#web/notebook/parameters.module.css"
import { fieldKind, literalOf, withDefault } from "#web/notebook/parameters-edit.ts"
import { type CellShape, languageIn } from "#web/notebook/structure.ts"

type Read = { readonly language: string; readonly parameters: readonly Parameter[] }

export function ParametersForm({ cell }: { readonly cell: CellShape }) {
  const read = useParameters(cell)
  if (read.parameters.length === 0) return null
  return (
    <fieldset className={css["form"]}>
      <legend>Parameters</legend>
      {read.parameters.map((parameter) => (
        <Field key={parameter.name} cell={cell} parameter={parameter} language={read.language} />
      ))}
    </fieldset>
  )
}

/** Reading takes a parser, which is fetched with the first notebook that declares any. */
function useParameters(cell: CellShape): Read {
  const { notebook } = useDesk()
  const [read, setRead] = useState<Read>({ language: "", parameters: [] })
  useEffect(() => {
    let isGone = false
    const look = async () => {
      const { declaredParameters } = await import("#notebook/index.ts")
      const { metadata } = notebook.structure.get()
      const source = { id: cell.id, cell_type: "code", metadata: { tags: ["parameters"] }, source: cell.source.toString(), outputs: [] }
      const declared = declaredParameters({ nbformat: 4, nbformat_minor: 5, metadata, cells: [source] } as Notebook)
      if (!isGone) setRead({ language: declared.language ?? languageIn(metadata), parameters: declared.parameters })
    }
    look()
    const stop = notebook.texts.watchAll((cells) => cells.has(cell.id) && look())
    return () => {
      isGone = true
      stop()
    }
  }, [notebook, cell.id, cell.source])
  return read
}

type FieldProps = { readonly cell: CellShape; readonly parameter: Parameter; readonly language: string }

function Field({ cell, parameter, language }: FieldProps) {
  const { notebook } = useDesk()
  const kind = fieldKind(parameter)
  const shown = kind === "text" || kind === "choice" ? String(parameter.default) : parameter.defaultText
  const [typed, type] = useState(shown)
  const [wrong, setWrong] = useState("")
  useEffect(() => type(shown), [shown])
  const write = (value: string | boolean) => {
    const literal = literalOf(value, kind, language)
    if (literal === undefined) return setWrong("This is not a number.")
    setWrong("")
    const next = withDefault(cell.source.toString(), parameter, literal)
    if (next === undefined || next === cell.source.toString()) return
    notebook.undo.stopCapturing()
    setSource(notebook.doc, cell.id, next)
    notebook.undo.stopCapturing()
  }
  const onKey = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "Enter") write(typed)
    if (event.key === "Escape") type(shown)
  }
  if (kind === "flag")
    return (
      <Checkbox
        label={parameter.name}
        description={parameter.help || undefined}
        checked={parameter.default === true}
        onChange={(event) => write(event.currentTarget.checked)}
      />
    )
  if (kind === "choice")
    return (
      <Select
        label={parameter.name}
        description={parameter.help || undefined}
        data={(parameter.choices ?? []).map(String)}
        value={shown}
        onChange={(value) => value !== null && write(value)}
      />
    )
  return (
    <TextInput
      label={parameter.name}
      description={parameter.help || undefined}
      value={typed}
      readOnly={kind === "none"}
      title={kind === "none" ? "Edit this one in the code" : undefined}
      error={wrong || undefined}
      inputMode={kind === "number" ? "decimal" : undefined}
      onChange={(event) => type(event.currentTarget.value)}
      onBlur={() => typed !== shown && kind !== "none" && write(typed)}
      onKeyDown={onKey}
    />
  )
}
