/**
 * The notebook that a run leaves behind, written from the run and its outputs as pieces of text: finished cells are
 * serialised once and kept, very long strings are copied from the journal without being decoded.
 */
import { type Json, type JsonObject, NumberLexeme, parse, StringSpan } from "#base/json.ts"
import { toHuman } from "#base/time.ts"
import { type Cell, cellFrameOf, frameOf, type Output, writeCell, writeOutput } from "#notebook/index.ts"
import type { Dialect } from "#run/dialect.ts"
import type { Fold } from "#run/fold.ts"
import type { Overflow, Written } from "#run/outputs.ts"
import { type CellRun, isOver, type Run } from "#run/run.ts"

/** Text, the bytes of text, or bytes to copy as they are from the journal. */
export type Piece = Written[number]

/** Reads the bytes of a span from the journal. */
export type ReadSpan = (span: StringSpan) => Uint8Array

/** Where the output beyond a cell's cap was put. */
export type Spill = { readonly sha256: string; readonly sizeBytes: number; readonly path: string; readonly mediaType: string }

export type ProjectionOptions = {
  readonly dialect: Dialect
  readonly read: ReadSpan
  /** An arbitrary word that occurs in no output: marks the places of spans while text is made. */
  readonly token: string
}

const ENCODER = new TextEncoder()
/** Units from which on a written output is held as bytes. */
const LONG = 16_384

type Cached = { readonly cell: CellRun; readonly version: number; readonly spill: Spill | undefined; readonly pieces: readonly Piece[] }

export class Projection {
  readonly #fold: Fold
  readonly #options: ProjectionOptions
  readonly #cache: (Cached | undefined)[] = []
  readonly #spills = new Map<number, Spill>()

  constructor(fold: Fold, options: ProjectionOptions) {
    this.#fold = fold
    this.#options = options
  }

  /** Says where a cell's overflow was kept, so that its marker can name the place. */
  spilled(cell: number, spill: Spill): void {
    this.#spills.set(cell, spill)
  }

  /** Writes a cell now that will be needed later. */
  warm(cell: number): void {
    this.#cell(this.#fold.run, cell)
  }

  /** The whole notebook; cost: what changed since the last call, and joining the rest. */
  *pieces(): Generator<Piece> {
    const { run } = this.#fold
    const frame = frameOf({
      ...run.order.notebook,
      nbformat_minor: Math.max(5, run.order.notebook.nbformat_minor),
      metadata: this.#metadata(run),
      cells: [],
    })
    const extra = this.#options.dialect.markers(run)
    let first = true
    for (const cell of this.#cells(run, extra)) {
      yield first ? frame.head : frame.separator
      yield* cell
      first = false
    }
    yield first ? frame.empty : frame.tail
  }

  *#cells(run: Run, extra: ReadonlyMap<number, readonly Cell[]>): Generator<readonly Piece[]> {
    for (let index = 0; index < run.cells.length; index++) {
      for (const marker of extra.get(index) ?? []) yield [writeCell(marker)]
      yield this.#cell(run, index)
    }
  }

  #metadata(run: Run): JsonObject {
    const widgets = this.#fold.outputs.widgets.saved()
    const metadata = this.#options.dialect.notebook(run)
    // Cells outside the plan still show widgets of an earlier run.
    const earlier = run.cells.some((cell) => cell.state === "skipped") ? run.order.notebook.metadata["widgets"] : undefined
    const shown = widgets ?? earlier
    return shown === undefined ? metadata : { ...metadata, widgets: shown }
  }

  #cell(run: Run, index: number): readonly Piece[] {
    const cell = run.cells[index]!
    const version = this.#fold.outputs.version(index)
    const spill = this.#spills.get(index)
    const cached = this.#cache[index]
    if (cached && cached.cell === cell && cached.version === version && cached.spill === spill) return cached.pieces
    const pieces = this.#write(run, index)
    this.#cache[index] = { cell, version, spill, pieces }
    return pieces
  }

  #write(run: Run, index: number): readonly Piece[] {
    const source = run.order.notebook.cells[index]!
    const decorated = this.#options.dialect.cell(source, run, index)
    if (source.cell_type !== "code") return [writeCell(decorated)]
    const over = this.#fold.outputs.overflow(index)
    const ended = hasEnded(run, index)
    const written = this.#fold.outputs.written(index, ended, (output) => this.#output(output, ended))
    const outputs = over ? [...written, this.#output(marker(over, this.#spills.get(index)), false)] : written
    const frame = cellFrameOf(decorated)
    if (outputs.length === 0) return [frame.empty]
    const pieces = outputs.flatMap((output, at) => [at === 0 ? frame.head : frame.separator, ...output])
    return joined([...pieces, frame.tail])
  }

  /** One output; what is to be held for long is held as bytes, because a text that was put together keeps its parts alive. */
  #output(output: Output, ended: boolean): readonly Piece[] {
    const spans: StringSpan[] = []
    const text = writeOutput(this.#marked(output, spans) as Output)
    if (spans.length > 0) return this.#spliced(text, spans)
    return [ended && text.length >= LONG ? ENCODER.encode(text) : text]
  }

  /** The value with tokens where plain spans are; other spans are decoded, because line splitting needs their text. */
  #marked(value: Json, spans: StringSpan[]): Json {
    if (value instanceof StringSpan) {
      if (!value.plain) return decoded(this.#options.read(value))
      spans.push(value)
      return `${this.#options.token}${spans.length - 1};`
    }
    if (typeof value === "string") return value.isWellFormed() ? value : value.toWellFormed()
    if (typeof value !== "object" || value === null || value instanceof NumberLexeme) return value
    if (Array.isArray(value)) return value.map((item: Json) => this.#marked(item, spans))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key.toWellFormed(), this.#marked(item, spans)]))
  }

  #spliced(text: string, spans: readonly StringSpan[]): readonly Piece[] {
    const [first = "", ...rest] = text.split(this.#options.token)
    const pieces: Piece[] = [first]
    for (const part of rest) {
      const end = part.indexOf(";")
      pieces.push(spans[Number(part.slice(0, end))]!, part.slice(end + 1))
    }
    return pieces
  }
}

/** Nothing more is expected of a cell that was left, or of any when the run has ended. */
function hasEnded(run: Run, index: number): boolean {
  const { state } = run.cells[index]!
  return isOver(run) || (state !== "running" && state !== "waiting")
}

/** Neighbouring texts as one: a cell with little output is a single piece. */
function joined(pieces: readonly Piece[]): Piece[] {
  const out: Piece[] = []
  let texts: string[] = []
  for (const piece of pieces) {
    if (typeof piece === "string") texts.push(piece)
    else {
      out.push(texts.join(""), piece)
      texts = []
    }
  }
  out.push(texts.join(""))
  return out
}

function decoded(bytes: Uint8Array): Json {
  const quoted = new Uint8Array(bytes.length + 2)
  quoted[0] = 0x22
  quoted.set(bytes, 1)
  quoted[quoted.length - 1] = 0x22
  const parsed = parse(quoted)
  return parsed.ok ? parsed.value : ""
}

const SPILL_TYPE = "application/vnd.stet.spill+json"

/** What stands in a cell in place of the output beyond its cap. */
function marker(over: Overflow, spill: Spill | undefined): Output {
  const kept =
    over.bytes > 0
      ? `${bytes(over.bytes)} more in ${over.messages === 1 ? "one message" : `${over.messages.toLocaleString("en-US")} messages`} ${spill ? `kept in ${spill.path}` : "kept in the run's journal"}`
      : ""
  const dropped = over.dropped > 0 ? `${bytes(over.dropped)} beyond the run's limit not kept` : ""
  const facts: JsonObject = {
    messages: over.messages,
    bytes: over.bytes,
    dropped_bytes: over.dropped,
    ...(spill ? { sha256: spill.sha256, size: spill.sizeBytes, path: spill.path, media_type: spill.mediaType } : {}),
  }
  return {
    output_type: "display_data",
    data: { "text/plain": `Output cut here: ${[kept, dropped].filter(Boolean).join("; ")}.`, [SPILL_TYPE]: facts },
    metadata: {},
  }
}

function bytes(count: number): string {
  return `${count.toLocaleString("en-US")} bytes`
}

/** One line for people: how the run went. */
export function summary(run: Run): string {
  const took = run.endedAt > run.beganAt ? ` in ${toHuman(run.endedAt - run.beganAt)}` : ""
  return `${run.status}${run.reason && run.status !== "failed" ? ` (${run.reason.replaceAll("_", " ")})` : ""}${took}${run.explanation ? `: ${run.explanation}` : ""}`
}
