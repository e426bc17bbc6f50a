/**
 * How far one may believe the verdict of a rerun: each notebook is run twice in the same environment, stopping where `stet check --rerun`
 * stops, and what it showed is compared with itself (which must pass, but for chance) and with changes planted into it (which must not).
 */
import { type Cell, compareNotebooks, type Notebook, type Output, reproduced } from "#notebook/index.ts"

export type Ran = { readonly result: Notebook; readonly stop: string }

export type Repeat = {
  readonly name: string
  /** Both stopped at the same cell with the same error, or neither. */
  readonly isSameEnd: boolean
  /** Cells that showed something in both runs: how the second relates to the first. */
  readonly cells: { readonly same: number; readonly volatile: number; readonly apart: readonly string[] }
  /** By kind of output. */
  readonly planted: readonly { readonly kind: string; readonly isFound: boolean }[]
}

export function repeatOf(name: string, first: Ran, second: Ran): Repeat {
  const { cells } = compareNotebooks(first.result, second.result)
  const count = (is: string) => cells.filter((cell) => cell.is === is).length
  const apart = cells.filter(({ is }) => is !== "same" && is !== "same_but_volatile").map(({ number, why }) => `cell ${number}: ${why}`)
  return {
    name,
    isSameEnd: first.stop === second.stop,
    cells: { same: count("same"), volatile: count("same_but_volatile"), apart },
    planted: plantedIn(first.result),
  }
}

function plantedIn(notebook: Notebook): Repeat["planted"] {
  const pictures = notebook.cells.flatMap((cell) => (cell.outputs ?? []).flatMap((output) => textOf(output, "image/png") ?? []))
  return notebook.cells.flatMap((cell, at) =>
    (cell.outputs ?? []).flatMap((output, which) => {
      const change = changed(output, pictures)
      if (!change) return []
      const outputs = (cell.outputs ?? []).map((one, i) => (i === which ? change.output : one))
      const stored = { ...notebook, cells: notebook.cells.map((one, i) => (i === at ? ({ ...one, outputs } as Cell) : one)) } as Notebook
      const found = reproduced(stored, { first: notebook }).cells.find((one) => one.cell === cell.id)
      return [{ kind: change.kind, isFound: found?.is === "differs" || found?.is === "missing" }]
    }),
  )
}

type Change = { readonly kind: string; readonly output: Output }

/** One digit more, one row less, another picture of the same notebook. */
function changed(output: Output, pictures: readonly string[]): Change | undefined {
  const picture = textOf(output, "image/png")
  if (picture !== undefined) {
    const other = pictures.find((one) => one !== picture)
    return other === undefined ? undefined : { kind: "picture", output: withText(output, "image/png", other) }
  }
  const html = textOf(output, "text/html")
  if (html?.includes("dataframe")) {
    const at = html.lastIndexOf("<tr>")
    return at < 0
      ? undefined
      : { kind: "table", output: withText(output, "text/html", html.slice(0, at) + html.slice(html.indexOf("</tr>", at) + 5)) }
  }
  if (html !== undefined || output.output_type === "error") return undefined
  const plain = textOf(output, "text/plain") ?? (typeof output["text"] === "string" ? output["text"] : undefined)
  const edited = plain === undefined ? undefined : otherNumber(plain)
  if (edited === undefined) return undefined
  return { kind: "text", output: output.output_type === "stream" ? { ...output, text: edited } : withText(output, "text/plain", edited) }
}

/** The first number of a text that is nothing of the moment by its looks, one more. */
function otherNumber(text: string): string | undefined {
  const match = /(?<![\w.:/-])\d{1,6}(?![\w.:/%-])/.exec(text)
  return match ? `${text.slice(0, match.index)}${Number(match[0]) + 1}${text.slice(match.index + match[0].length)}` : undefined
}

function textOf(output: Output, type: string): string | undefined {
  const data = output["data"] as { readonly [type: string]: unknown } | undefined
  const text = data?.[type]
  return typeof text === "string" ? text : undefined
}

function withText(output: Output, type: string, text: string): Output {
  return { ...output, data: { ...(output["data"] as object), [type]: text } } as Output
}

export type RepeatSummary = {
  readonly notebooks: number
  readonly sameEnd: number
  readonly cells: { readonly same: number; readonly volatile: number; readonly apart: number }
  readonly planted: readonly { readonly kind: string; readonly changes: number; readonly found: number }[]
}

export function repeatSummaryOf(repeats: readonly Repeat[]): RepeatSummary {
  const sum = (of: (repeat: Repeat) => number) => repeats.reduce((all, repeat) => all + of(repeat), 0)
  const byKind = Map.groupBy(
    repeats.flatMap(({ planted }) => planted),
    ({ kind }) => kind,
  )
  return {
    notebooks: repeats.length,
    sameEnd: repeats.filter(({ isSameEnd }) => isSameEnd).length,
    cells: { same: sum(({ cells }) => cells.same), volatile: sum(({ cells }) => cells.volatile), apart: sum(({ cells }) => cells.apart.length) },
    planted: [...byKind].map(([kind, all]) => ({ kind, changes: all.length, found: all.filter(({ isFound }) => isFound).length })),
  }
}

export function repeatText({ notebooks, sameEnd, cells, planted }: RepeatSummary): string {
  return [
    `Run twice: ${notebooks} notebooks, ${sameEnd} ended alike`,
    `  cells that show something: ${cells.same} the same, ${cells.volatile} but for what is of the moment, ${cells.apart} otherwise`,
    ...planted.map(({ kind, changes, found }) => `  planted changes of ${kind}: ${found} of ${changes} found`),
    "",
  ].join("\n")
}
