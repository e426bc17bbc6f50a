/** Where the outputs of a cell differ, by their kind: lines of a text, rows of a table, places in JSON, pictures side by side. */
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useCallback, useState } from "react"
import type { LiveOutput } from "#api/live.ts"
import type { Detail, Explained } from "#notebook/index.ts"
import { counted } from "#web/app/words.ts"
import { CellOutputs } from "#web/outputs/cell-outputs.tsx"
import { OutputStage } from "#web/outputs/stage/output-stage.tsx"
import { nameOfSource, reader, type Source } from "#web/run/reading/reader.ts"
import { useEarlier } from "#web/run/use-earlier.ts"
import { useOutline, useOutputs } from "#web/run/use-notebook.ts"
import css from "#web/versions/diff.module.css"
import { TableApart } from "#web/versions/table-apart.tsx"

export type Where = {
  readonly before: Source
  readonly after: Source
  /** Among all cells, from 0; undefined where a side has not got it. */
  readonly at: { readonly before: number | undefined; readonly after: number | undefined }
  readonly cell: string
}

/** Asked for when it is on the page. */
export function ExplainedOutputs(where: Where) {
  const { before, after, at } = where
  const found = useQuery({
    queryKey: ["explained", nameOfSource(before), nameOfSource(after), at],
    queryFn: () => reader.explain(before, after, at),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  if (found.error) return <p role="alert">{found.error.message}</p>
  return found.data ? <Parts parts={found.data} where={where} /> : null
}

export function Parts({ parts, where }: { readonly parts: readonly Explained[]; readonly where: Where }) {
  return (
    <div className={css["parts"]}>
      {parts.map((part) => (
        <Part key={`${part.name} ${part.before.join()} ${part.after.join()}`} part={part} where={where} />
      ))}
    </div>
  )
}

const SAME = { same: true, same_but_volatile: true } as const

function Part({ part, where }: { readonly part: Explained; readonly where: Where }) {
  const { is, name, why, detail } = part
  const isSame = Object.hasOwn(SAME, is)
  return (
    <div className={css["part"]} data-is={isSame ? "same" : "other"}>
      <p className={css["partHead"]}>
        <b>{upper(name)}</b> <span dir="auto">{why || "The same."}</span>
      </p>
      {is !== "same" && <Apart detail={detail} part={part} where={where} />}
    </div>
  )
}

const upper = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1)

function Apart({ detail, part, where }: { readonly detail: Detail; readonly part: Explained; readonly where: Where }) {
  switch (detail.as) {
    case "lines":
      return <Lines lines={detail.lines} />
    case "table":
      return <TableApart table={detail.table} />
    case "places":
      return <Places places={detail.places} more={detail.more} />
    case "whole":
      return <Whole part={part} where={where} />
  }
}

const MARKS = { same: " ", gone: "−", come: "+" } as const

function Lines({ lines }: { readonly lines: Extract<Detail, { as: "lines" }>["lines"] }) {
  return (
    <div className={css["lines"]}>
      {lines.map((line, at) =>
        "count" in line ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
          <p key={at} className={css["foldedLines"]}>
            {counted(line.count, line.is === "folded" ? "unchanged line" : "more line")}
          </p>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
          <LineRow key={at} is={line.is}>
            {line.segments.map(({ text, isVolatile }, place) =>
              // biome-ignore lint/suspicious/noArrayIndexKey: a piece is its place in the line
              isVolatile ? <i key={place}>{text}</i> : <span key={place}>{text}</span>,
            )}
          </LineRow>
        ),
      )}
    </div>
  )
}

function LineRow({ is, children }: { readonly is: keyof typeof MARKS; readonly children: ReactNode }) {
  const Word = is === "gone" ? "del" : is === "come" ? "ins" : "span"
  return (
    <p data-is={is}>
      <span aria-hidden="true">{MARKS[is]}</span>
      <Word>{children}</Word>
    </p>
  )
}

function Places({ places, more }: Omit<Extract<Detail, { as: "places" }>, "as">) {
  return (
    <>
      <table className={css["places"]}>
        <tbody>
          {places.map(({ path, before, after }) => (
            <tr key={path}>
              <th scope="row">
                <code>{path === "" ? "the value" : path}</code>
              </th>
              <td>{before === undefined ? "" : <del>{before}</del>}</td>
              <td>{after === undefined ? "" : <ins>{after}</ins>}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {more && <p className={css["quiet"]}>There are more.</p>}
    </>
  )
}

const AT_ONCE: ReadonlySet<Explained["kind"]> = new Set(["picture", "error", "text"])

/** What is inert stands side by side at once; what may be active when it is asked for. */
function Whole({ part, where }: { readonly part: Explained; readonly where: Where }) {
  const isInert = AT_ONCE.has(part.kind)
  const [isOpen, open] = useState(isInert)
  return (
    <>
      {!isInert && (
        <button type="button" className={css["fold"]} aria-expanded={isOpen} onClick={() => open(!isOpen)}>
          {isOpen ? "Fold" : "Show"} both sides
        </button>
      )}
      {isOpen && (
        <div className={css["pair"]}>
          <Side source={where.before} at={where.at.before} indexes={part.before} word="Before" isInert={isInert} cell={where.cell} />
          <Side source={where.after} at={where.at.after} indexes={part.after} word="After" isInert={isInert} cell={where.cell} />
        </div>
      )}
    </>
  )
}

type SideProps = {
  readonly source: Source
  readonly at: number | undefined
  readonly indexes: readonly number[]
  readonly word: string
  readonly isInert: boolean
  readonly cell: string
}

function Side({ source, at, indexes, word, isInert, cell }: SideProps) {
  const isThere = at !== undefined && indexes.length > 0
  const { outputs, problem } = useOutputs(isThere ? source : undefined, at ?? 0)
  const chosen = outputs?.filter((_, index) => indexes.includes(index))
  return (
    <div className={css["half"]}>
      <h4>{word}</h4>
      {!isThere ? (
        <p className={css["quiet"]}>No output.</p>
      ) : problem !== undefined ? (
        <p role="alert">{problem}</p>
      ) : (
        chosen && (
          <Shown
            outputs={isInert ? chosen.map(inertOnly) : chosen}
            source={isInert ? undefined : source}
            scope={`${nameOfSource(source)} compared`}
            cell={cell}
          />
        )
      )}
    </div>
  )
}

type ShownProps = {
  readonly outputs: readonly LiveOutput[]
  /** Undefined where nothing of it is active. */
  readonly source: Source | undefined
  readonly scope: string
  readonly cell: string
}

/** What is active is drawn with the libraries and the widgets of the notebook that it stands in. */
function Shown({ outputs, source, scope, cell }: ShownProps) {
  const outline = useOutline(source)
  const all = useEarlier({ cells: outline.data?.cells ?? [], source })
  // Of the cell itself only a part is shown here.
  const earlier = useCallback(async (id: string) => (await all(id)).filter((before) => before.cell !== id), [all])
  const shown = <CellOutputs outputs={outputs} scope={scope} cell={cell} />
  if (!source || outline.error) return shown
  if (!outline.data) return null
  return (
    <OutputStage
      kernel={outline.data.kernel}
      environment={outline.data.environment}
      notebook={source.kind === "version" ? source.notebook : undefined}
      widgetState={outline.data.widgetState}
      earlier={earlier}
    >
      {shown}
    </OutputStage>
  )
}

const INERT: ReadonlySet<string> = new Set(["text/plain", "text/markdown", "text/latex", "application/json"])

/** Of what comes in several kinds the picture, else the text: the others may be active, and nobody has asked for them. */
function inertOnly(output: LiveOutput): LiveOutput {
  const { data } = output as { readonly data?: unknown }
  if (typeof data !== "object" || data === null) return output
  const pictures = Object.entries(data).filter(([type]) => type.startsWith("image/"))
  const chosen = pictures.length > 0 ? pictures : Object.entries(data).filter(([type]) => INERT.has(type))
  return { ...output, data: Object.fromEntries(chosen) } as LiveOutput
}
