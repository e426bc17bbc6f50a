/** One cell of a difference: what it was at the left, what it is at the right. */
import { useMemo, useState } from "react"
import { counted } from "#web/app/words.ts"
import { languageOfCell } from "#web/notebook/languages.ts"
import { Code } from "#web/run/code.tsx"
import type { CellChange, OutlineCell } from "#web/run/reading/outline.ts"
import type { Source } from "#web/run/reading/reader.ts"
import css from "#web/versions/diff.module.css"
import { ExplainedOutputs } from "#web/versions/explained.tsx"
import { Members } from "#web/versions/members.tsx"
import { type Line, type Row, sideBySide } from "#web/versions/side-by-side.ts"

type Props = {
  readonly change: CellChange
  readonly language: string
  readonly before: Source | undefined
  readonly after: Source | undefined
  /** Whether outputs that changed stand there at once. */
  readonly showsOutputs?: boolean | undefined
}

export function ChangedCell({ change, language, before, after, showsOutputs = false }: Props) {
  const cell = change.after ?? change.before
  if (!cell) return null
  return (
    <section className={css["cell"]} data-kind={change.kind} aria-label={headOf(change)}>
      <h3 className={css["head"]}>{headOf(change)}</h3>
      <SourceChange change={change} cell={cell} language={language} />
      <Members members={change.members} title="Metadata" />
      {change.outputs.length > 0 && before && after && <Outputs change={change} before={before} after={after} isOpen={showsOutputs} />}
    </section>
  )
}

const WORDS: Readonly<Record<CellChange["kind"], string>> = {
  same: "unchanged",
  changed: "changed",
  added: "added",
  removed: "removed",
  moved: "moved",
}

function headOf({ kind, moved, before, after, type, source, outputs }: CellChange): string {
  const place =
    before && after && before.index !== after.index
      ? `Cell ${before.index + 1} → ${after.index + 1}`
      : `Cell ${(after ?? before)?.index === undefined ? "" : ((after ?? before)?.index ?? 0) + 1}`
  const only = kind === "changed" && source.length === 0 && outputs.length > 0 ? "outputs changed" : WORDS[kind]
  return [place, only, ...(moved && kind === "changed" ? ["moved"] : []), ...(type ? [`${type.before} became ${type.after}`] : [])].join(", ")
}

function SourceChange({ change, cell, language }: { readonly change: CellChange; readonly cell: OutlineCell; readonly language: string }) {
  const [isWhole, setWhole] = useState(false)
  const { before, after, source, kind } = change
  const rows = useMemo(
    () => sideBySide({ before: before?.source ?? "", after: after?.source ?? "", hunks: source }, isWhole ? Number.POSITIVE_INFINITY : 3),
    [before, after, source, isWhole],
  )
  if (source.length === 0) return <Unchanged cell={cell} language={language} />
  if (kind === "added" || kind === "removed")
    return (
      <div className={css["one"]} data-kind={kind}>
        <Code text={cell.source} language={languageOfCell(cell.type, cell.source, language)} />
      </div>
    )
  return (
    <table className={css["sides"]}>
      <colgroup>
        <col className={css["numbers"]} />
        <col />
        <col className={css["numbers"]} />
        <col />
      </colgroup>
      <tbody>
        {rows.map((row) => (
          <SideRow key={keyOf(row)} row={row} onWhole={() => setWhole(true)} />
        ))}
      </tbody>
    </table>
  )
}

const FIRST_LINES = 5

/** What is not changed is only there to tell which cell it is, unless it is asked for. */
function Unchanged({ cell: { source, type }, language }: { readonly cell: OutlineCell; readonly language: string }) {
  const [isWhole, setWhole] = useState(false)
  const lines = source.replace(/\n$/u, "").split("\n")
  // To hide a single line takes as much room as the line.
  const isLong = lines.length > FIRST_LINES + 1
  if (source === "") return null
  return (
    <>
      <div className={css["one"]}>
        <Code text={isLong && !isWhole ? lines.slice(0, FIRST_LINES).join("\n") : source} language={languageOfCell(type, source, language)} />
      </div>
      {isLong && (
        <button type="button" className={css["fold"]} aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole ? `Show the first ${FIRST_LINES} lines alone` : `Show all ${lines.length} lines`}
        </button>
      )}
    </>
  )
}

function keyOf(row: Row): string {
  return row.kind === "folded" ? `… ${row.from}` : `${row.before?.number ?? "-"} ${row.after?.number ?? "-"}`
}

function SideRow({ row, onWhole }: { readonly row: Row; readonly onWhole: () => void }) {
  if (row.kind === "folded")
    return (
      <tr>
        <td colSpan={4} className={css["foldedRow"]}>
          <button type="button" onClick={onWhole}>
            {counted(row.count, "unchanged line")}
          </button>
        </td>
      </tr>
    )
  return (
    <tr data-kind={row.kind}>
      <Half line={row.before} side="before" kind={row.kind} />
      <Half line={row.after} side="after" kind={row.kind} />
    </tr>
  )
}

function Half({ line, side, kind }: { readonly line: Line | undefined; readonly side: "before" | "after"; readonly kind: string }) {
  if (!line) return <td colSpan={2} className={css["none"]} data-side={side} />
  const Word = side === "before" ? "del" : "ins"
  return (
    <>
      <td className={css["number"]} data-side={side} data-kind={kind}>
        {line.number}
      </td>
      <td className={css["text"]} data-side={side} data-kind={kind}>
        {line.pieces.map(({ text, changed }, at) =>
          // biome-ignore lint/suspicious/noArrayIndexKey: a piece is its place in the line
          changed ? <Word key={at}>{text}</Word> : <span key={at}>{text}</span>,
        )}
      </td>
    </>
  )
}

type OutputsProps = {
  readonly change: CellChange
  readonly before: Source
  readonly after: Source
  readonly isOpen: boolean
}

function Outputs({ change, before, after, isOpen: isOpenAtFirst }: OutputsProps) {
  const [isOpen, open] = useState(isOpenAtFirst)
  const cell = change.after ?? change.before
  return (
    <div className={css["outputs"]}>
      <button type="button" className={css["fold"]} aria-expanded={isOpen} onClick={() => open(!isOpen)}>
        {isOpen ? "Fold" : "Show"} {change.outputs.length === 1 ? "the output that changed" : `${change.outputs.length} outputs that changed`}
      </button>
      {isOpen && (
        <ExplainedOutputs before={before} after={after} at={{ before: change.before?.index, after: change.after?.index }} cell={cell?.id ?? ""} />
      )}
    </div>
  )
}
