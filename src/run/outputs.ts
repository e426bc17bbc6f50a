/**
 * The outputs of every cell, as Jupyter's rules make them from what the kernel said: the same messages always give the
 * same outputs. Folded in place, because a copy of 50,000 outputs per message would be quadratic; no clock, no world.
 *
 * Message content may hold StringSpans (byte positions in the journal): they pass through unread.
 *
 * What a cell that is over has shown is held once, in its written form: of 200 cells with 128 KB each, text and written
 * text together took 230 MB more than the runner itself.
 */
import { type Json, type JsonObject, parse, StringSpan } from "#base/json.ts"
import type { Message } from "#kernel/index.ts"
import type { Notebook, Output } from "#notebook/index.ts"
import { beginningOf } from "#run/escaped-text.ts"
import { append, NO_TEXT, onlyGrows, type TerminalText, textOf } from "#run/terminal-text.ts"
import { type Tell, Widgets } from "#run/widgets.ts"

/** An output as the file holds it. */
export type Written = readonly (string | StringSpan | Uint8Array)[]

/** `written` stands until the output changes; `isDropped` when it is all that is left: then the text's head, or the data, is empty. */
type StreamItem = {
  readonly kind: "stream"
  readonly name: string
  text: TerminalText
  size: number
  written?: Written | undefined
  isDropped?: boolean
  /** Units of its text that were told of, and up to where the text has only grown since. */
  told: number
  stable: number
}
type DataItem = { readonly kind: "data"; output: Output; readonly size: number; written?: Written; isDropped?: boolean }
type Item = StreamItem | DataItem

/** What came beyond the cap of a cell: counted, and named so that the journal can give it back. */
export type Overflow = {
  readonly messages: number
  readonly bytes: number
  readonly dropped: number
  readonly records: readonly number[]
  /** Bytes, in UTF-8, of the first message's text that are shown all the same, because it is a stream's. */
  readonly shownOfFirst: number
}

/** What became of the outputs of a cell: to be applied in order. `text` is added at the end of a stream. */
export type OutputChange =
  | { readonly op: "append"; readonly output: Output }
  | { readonly op: "text"; readonly index: number; readonly text: string }
  | { readonly op: "set"; readonly index: number; readonly output: Output }
  | { readonly op: "clear" }

type CellOutputs = {
  items: Item[]
  /** Items that were told of, the ones among them that have changed since, and whether earlier ones went. */
  told: number
  readonly changed: Set<number>
  isCleared: boolean
  clearBeforeNext: boolean
  shown: number
  over: { messages: number; bytes: number; dropped: number; records: number[]; shownOfFirst: number } | undefined
  version: number
  /** display_ids that stand in this cell. */
  readonly displays: Set<string>
}

/** Bytes from which on an output is held in one form only. */
const LONG = 16_384
const DECODER = new TextDecoder()
const ENCODER = new TextEncoder()

const OUTPUT_TYPES = new Set(["stream", "display_data", "execute_result", "update_display_data", "error", "clear_output"])

export class Outputs {
  readonly #cells: CellOutputs[]
  readonly #stored: (readonly Output[])[]
  readonly #shownBytes: number
  /** display_id → where it stands. */
  readonly #displays = new Map<string, { readonly outputs: CellOutputs; readonly item: number }[]>()
  readonly #captured = new Map<string, CellOutputs>()
  readonly #requests = new Map<string, number>()
  /** Cells of which there is something to `take`. */
  readonly untold = new Set<number>()
  readonly widgets = new Widgets()

  /** Cells in `fresh` start empty; the others keep the outputs that the notebook holds. */
  constructor(notebook: Notebook, fresh: readonly number[], shownBytes: number) {
    const cleared = new Set(fresh)
    this.#stored = notebook.cells.map((cell, index) => (cleared.has(index) ? [] : (cell.outputs ?? [])))
    this.#cells = notebook.cells.map(() => noOutputs())
    this.#shownBytes = shownBytes
  }

  /** One cell more, which starts empty; gives its index. */
  open(): number {
    this.#stored.push([])
    return this.#cells.push(noOutputs()) - 1
  }

  /** Nobody looks at this cell any more: nothing of it is held, and what still comes for it is not kept. */
  forget(cell: number): void {
    this.#clear(this.#cells[cell]!)
    for (const [request, its] of this.#requests) if (its === cell) this.#requests.delete(request)
    this.untold.delete(cell)
  }

  /** What became of a cell's outputs since this was called for it last, in as few changes as say it. */
  take(cell: number): readonly OutputChange[] {
    this.untold.delete(cell)
    return takeChanges(this.#cells[cell]!)
  }

  /** From now on, what carries this request's id belongs to this cell, for as long as the run lives. */
  expect(request: string, cell: number): void {
    this.#requests.set(request, cell)
  }

  /** The cell whose request caused this message; undefined when it is nobody's. */
  cellOf(message: Message): number | undefined {
    return this.#requests.get(message.parentId)
  }

  /** @param record number of the journal record that holds the message; what the kernel must be told comes back. */
  hear(message: Message, record: number): Tell | undefined {
    const type = message.header.msg_type
    if (type === "comm_open" || type === "comm_msg" || type === "comm_close") {
      this.widgets.hear(message)
      return undefined
    }
    if (!OUTPUT_TYPES.has(type)) return undefined
    const capture = this.widgets.capturing(message.parentId)
    if (capture !== undefined) return this.#hearCaptured(capture, message, record)
    const cell = this.#requests.get(message.parentId)
    if (cell !== undefined) this.untold.add(cell)
    if (cell !== undefined || type === "update_display_data") this.#apply(cell === undefined ? undefined : this.#cells[cell]!, message, record)
    return undefined
  }

  /** Output that was not kept at all, because the run had used up what it may keep. */
  drop(cell: number, messages: number, bytes: number): void {
    const outputs = this.#cells[cell]!
    const over = overflowOf(outputs)
    over.messages += messages
    over.dropped += bytes
    outputs.version++
  }

  /** Grows whenever the cell's outputs change. */
  version(cell: number): number {
    return this.#cells[cell]!.version
  }

  of(cell: number): readonly Output[] {
    const { items } = this.#cells[cell]!
    return [...this.#stored[cell]!, ...items.map(toOutput)]
  }

  /** Every output in its written form, which `write` makes once; when the cell `isOver`, it is all that is held of a long one from here on. */
  written(cell: number, isOver: boolean, write: (output: Output) => Written): readonly Written[] {
    const { items } = this.#cells[cell]!
    return [...this.#stored[cell]!.map(write), ...items.map((item) => writtenOf(item, isOver, write))]
  }

  /** As the cap counts them. */
  shownBytes(cell: number): number {
    return this.#cells[cell]!.shown
  }

  overflow(cell: number): Overflow | undefined {
    return this.#cells[cell]!.over
  }

  #hearCaptured(commId: string, message: Message, record: number): Tell {
    let outputs = this.#captured.get(commId)
    if (!outputs) {
      outputs = noOutputs()
      this.#captured.set(commId, outputs)
    }
    this.#apply(outputs, message, record)
    return this.widgets.show(commId, outputs.items.map(toOutput))
  }

  #apply(outputs: CellOutputs | undefined, message: Message, record: number): void {
    const { content } = message
    const type = message.header.msg_type
    if (type === "update_display_data") return this.#redisplay(displayId(content), content)
    if (!outputs) return
    const waits = type === "clear_output" && content["wait"] === true
    if (type === "clear_output" ? !waits : outputs.clearBeforeNext) this.#clear(outputs)
    if (waits) outputs.clearBeforeNext = true
    if (type === "clear_output") return
    outputs.version++
    if (type === "stream") return this.#stream(outputs, message, record)
    const id = displayId(content)
    if (id !== "") this.#redisplay(id, content)
    if (!this.#room(outputs, message, record)) return
    if (id !== "") this.#remember(id, outputs)
    outputs.items.push({ kind: "data", output: outputOf(type, content), size: sizeOf(message) })
    outputs.shown += sizeOf(message)
  }

  #stream(outputs: CellOutputs, message: Message, record: number): void {
    const name = typeof message.content["name"] === "string" ? message.content["name"] : "stdout"
    const chunk = message.content["text"]
    const isFirstOver = outputs.over === undefined
    if (!this.#room(outputs, message, record)) return isFirstOver ? this.#showBeginning(outputs, name, message) : undefined
    if (typeof chunk !== "string") {
      // Too long to be decoded: it stands alone, as it came.
      outputs.items.push({ kind: "data", output: { output_type: "stream", name, text: chunk ?? "" }, size: sizeOf(message) })
      outputs.shown += sizeOf(message)
      return
    }
    addText(outputs, name, chunk)
  }

  /** One message may be larger than all that is shown of a cell: then its beginning is. */
  #showBeginning(outputs: CellOutputs, name: string, message: Message): void {
    const text = message.content["text"]
    const room = this.#shownBytes - outputs.shown
    const start = text instanceof StringSpan ? beginningOf(text, message.frames[3], room) : typeof text === "string" ? cut(text, room) : ""
    if (start === "") return
    addText(outputs, name, start)
    const over = overflowOf(outputs)
    over.shownOfFirst = ENCODER.encode(start).length
    over.bytes = Math.max(0, over.bytes - ENCODER.encode(JSON.stringify(start)).length + 2)
  }

  #remember(id: string, outputs: CellOutputs): void {
    const places = this.#displays.get(id)
    const place = { outputs, item: outputs.items.length }
    if (places) places.push(place)
    else this.#displays.set(id, [place])
    outputs.displays.add(id)
  }

  /** Is there room under the cap? What is beyond it is counted and stays in the journal. */
  #room(outputs: CellOutputs, message: Message, record: number): boolean {
    const isError = message.header.msg_type === "error"
    if ((outputs.over === undefined && outputs.shown + takes(message) <= this.#shownBytes) || isError) return true
    const over = overflowOf(outputs)
    over.messages++
    over.bytes += sizeOf(message)
    over.records.push(record)
    return false
  }

  #clear(outputs: CellOutputs): void {
    outputs.items = []
    outputs.isCleared ||= outputs.told > 0
    outputs.told = 0
    outputs.changed.clear()
    outputs.clearBeforeNext = false
    outputs.shown = 0
    outputs.over = undefined
    outputs.version++
    for (const id of outputs.displays) {
      const places = this.#displays.get(id) ?? []
      const kept = places.filter((place) => place.outputs !== outputs)
      if (kept.length === 0) this.#displays.delete(id)
      else this.#displays.set(id, kept)
    }
    outputs.displays.clear()
  }

  #redisplay(id: string, content: JsonObject): void {
    for (const { outputs, item } of this.#displays.get(id) ?? []) {
      const at = outputs.items[item]
      if (at?.kind !== "data") continue
      // What is dropped of an output is only what is replaced here.
      const output = { ...at.output, data: content["data"] ?? {}, metadata: content["metadata"] ?? {} }
      outputs.items[item] = { kind: "data", output, size: at.size }
      outputs.changed.add(item)
      outputs.version++
      const cell = this.#cells.indexOf(outputs)
      if (cell >= 0) this.untold.add(cell)
    }
  }
}

function noOutputs(): CellOutputs {
  const untold = { told: 0, changed: new Set<number>(), isCleared: false }
  return { items: [], ...untold, clearBeforeNext: false, shown: 0, over: undefined, version: 0, displays: new Set() }
}

function addText(outputs: CellOutputs, name: string, chunk: string): void {
  let last = outputs.items.at(-1)
  if (last?.kind !== "stream" || last.name !== name) {
    last = { kind: "stream", name, text: NO_TEXT, size: 0, told: 0, stable: Number.POSITIVE_INFINITY }
    outputs.items.push(last)
  }
  recall(last)
  if (!onlyGrows(last.text, chunk)) last.stable = Math.min(last.stable, last.text.head.length)
  last.text = append(last.text, chunk)
  outputs.changed.add(outputs.items.length - 1)
  last.written = undefined
  // A redrawn line costs its own length, not its history.
  const size = last.text.head.length + last.text.line.length
  outputs.shown += size - last.size
  last.size = size
}

function takeChanges(outputs: CellOutputs): readonly OutputChange[] {
  const { items, told, changed } = outputs
  const changes: OutputChange[] = outputs.isCleared ? [{ op: "clear" }] : []
  for (const index of changed) if (index < told) changes.push(takeChange(items[index]!, index))
  for (const item of items.slice(told)) changes.push({ op: "append", output: toldOutput(item) })
  outputs.isCleared = false
  outputs.told = items.length
  changed.clear()
  return changes
}

function takeChange(item: Item, index: number): OutputChange {
  if (item.kind === "data" || item.stable < item.told) return { op: "set", index, output: toldOutput(item) }
  const text = textOf(item.text)
  const from = item.told
  item.told = text.length
  return { op: "text", index, text: text.slice(from) }
}

function toldOutput(item: Item): Output {
  if (item.kind === "stream") {
    item.told = item.text.head.length + item.text.line.length
    item.stable = Number.POSITIVE_INFINITY
  }
  return toOutput(item)
}

/** At most so many units, without half a character at the end. */
function cut(text: string, most: number): string {
  const start = text.slice(0, most)
  return start.isWellFormed() || !text.isWellFormed() ? start : start.slice(0, -1)
}

function overflowOf(outputs: CellOutputs): NonNullable<CellOutputs["over"]> {
  outputs.over ??= { messages: 0, bytes: 0, dropped: 0, records: [], shownOfFirst: 0 }
  return outputs.over
}

/** What a message will take of the cap: a stream its text, which is all that is kept of it. */
function takes(message: Message): number {
  const { text } = message.content
  return message.header.msg_type === "stream" && typeof text === "string" ? text.length : sizeOf(message)
}

function sizeOf(message: Message): number {
  return message.frames[3].length
}

/** The nbformat output of one message that carries one. */
export function outputOf(type: string, content: JsonObject): Output {
  if (type === "error") {
    return { output_type: type, ename: content["ename"] ?? "", evalue: content["evalue"] ?? "", traceback: content["traceback"] ?? [] }
  }
  if (type === "stream") return { output_type: type, name: content["name"] ?? "stdout", text: content["text"] ?? "" }
  const data = { output_type: type, data: content["data"] ?? {}, metadata: content["metadata"] ?? {} }
  return type === "execute_result" ? { ...data, execution_count: content["execution_count"] ?? null } : data
}

function toOutput(item: Item): Output {
  if (item.isDropped) throw new Error("what is held in its written form only is not given as an output")
  return item.kind === "data" ? item.output : { output_type: "stream", name: item.name, text: textOf(item.text) }
}

function writtenOf(item: Item, isOver: boolean, write: (output: Output) => Written): Written {
  item.written ??= write(toOutput(item))
  if (isOver && !item.isDropped && item.size >= LONG) drop(item, item.written)
  return item.written
}

function drop(item: Item, written: Written): void {
  // What spans name is in the journal, so little is held of it; and an error has no data.
  if (written.some((piece) => piece instanceof StringSpan)) return
  if (item.kind === "stream") item.text = { ...item.text, head: "" }
  else if ("data" in item.output) item.output = { ...item.output, data: {}, metadata: {} }
  else return
  item.isDropped = true
}

/** Late output of a cell that was over: its text is needed once more, and its written form is the text. */
function recall(item: StreamItem): void {
  if (!item.isDropped || !item.written) return
  const pieces = item.written.map((piece) => (typeof piece === "string" ? piece : DECODER.decode(piece as Uint8Array)))
  const parsed = parse(pieces.join(""))
  const lines = parsed.ok ? (parsed.value as JsonObject)["text"] : ""
  const whole = Array.isArray(lines) ? lines.join("") : String(lines)
  item.text = { ...item.text, head: whole.slice(0, whole.length - item.text.line.length) }
  item.isDropped = false
}

function displayId(content: JsonObject): string {
  const transient = content["transient"] as { readonly [key: string]: Json } | null | undefined
  const id = transient?.["display_id"]
  return typeof id === "string" ? id : ""
}
