/** What changed between two notebooks, cell by cell, each side beside the other. */
import { useState } from "react"
import { counted } from "#web/app/words.ts"
import type { CellChange, Changes } from "#web/run/reading/outline.ts"
import type { Source } from "#web/run/reading/reader.ts"
import { ChangedCell } from "#web/versions/changed-cell.tsx"
import css from "#web/versions/diff.module.css"
import { Members } from "#web/versions/members.tsx"

type Props = {
  readonly changes: Changes
  /** Where the outputs of both sides are read from. */
  readonly before: Source
  readonly after: Source
  readonly nothing: string
  readonly showsOutputs?: boolean | undefined
}

const AT_ONCE = 100

export function Differences({ changes, before, after, nothing, showsOutputs }: Props) {
  const [most, setMost] = useState(AT_ONCE)
  const groups = grouped(changes.cells)
  if (groups.every(({ kind }) => kind === "same") && changes.members.length === 0) return <p className={css["quiet"]}>{nothing}</p>
  return (
    <div className={css["differences"]}>
      <Summary summary={changes.summary} />
      <Members members={changes.members} title="Notebook metadata" />
      {groups
        .slice(0, most)
        .map((group) =>
          group.kind === "same" ? (
            <SameCells key={keyOf(group.cells[0])} cells={group.cells} language={changes.language} />
          ) : (
            <ChangedCell
              key={keyOf(group.cell)}
              change={group.cell}
              language={changes.language}
              before={before}
              after={after}
              showsOutputs={showsOutputs}
            />
          ),
        )}
      {groups.length > most && (
        <button type="button" className={css["fold"]} onClick={() => setMost(most + 4 * AT_ONCE)}>
          Show {counted(groups.length - most, "more change")}
        </button>
      )}
    </div>
  )
}

type Group = { readonly kind: "same"; readonly cells: readonly CellChange[] } | { readonly kind: "changed"; readonly cell: CellChange }

function grouped(cells: readonly CellChange[]): readonly Group[] {
  const groups: Group[] = []
  for (const cell of cells) {
    const last = groups.at(-1)
    if (cell.kind !== "same") groups.push({ kind: "changed", cell })
    else if (last?.kind === "same") groups[groups.length - 1] = { kind: "same", cells: [...last.cells, cell] }
    else groups.push({ kind: "same", cells: [cell] })
  }
  return groups
}

function keyOf(cell: CellChange | undefined): string {
  return `${cell?.before?.index ?? "-"} ${cell?.after?.index ?? "-"}`
}

function summaryWords({ added, removed, changed, moved, outputs, linesAdded, linesRemoved }: Changes["summary"]): readonly string[] {
  const cells = [
    [added, "added"],
    [removed, "removed"],
    [changed, "changed"],
    [moved, "moved"],
  ] as const
  return [
    ...cells.flatMap(([count, word]) => (count === 0 ? [] : [`${counted(count, "cell")} ${word}`])),
    ...(outputs === 0 ? [] : [`outputs of ${counted(outputs, "cell")} changed`]),
    ...(linesAdded + linesRemoved === 0 ? [] : [`+${linesAdded} −${linesRemoved} lines`]),
  ]
}

function Summary({ summary }: { readonly summary: Changes["summary"] }) {
  const words = summaryWords(summary)
  return words.length === 0 ? null : <p className={css["summary"]}>{words.join(" · ")}</p>
}

function SameCells({ cells, language }: { readonly cells: readonly CellChange[]; readonly language: string }) {
  const [isOpen, open] = useState(false)
  return (
    <>
      <button type="button" className={css["fold"]} aria-expanded={isOpen} onClick={() => open(!isOpen)}>
        {isOpen ? "Fold" : "Show"} {counted(cells.length, "unchanged cell")}
      </button>
      {isOpen && cells.map((cell) => <ChangedCell key={keyOf(cell)} change={cell} language={language} before={undefined} after={undefined} />)}
    </>
  )
}
