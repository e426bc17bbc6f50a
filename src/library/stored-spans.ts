/**
 * Where in a notebook's bytes its large outputs stand, found without decoding them: in `cells[*].outputs[*]`, of the older
 * formats in `worksheets[*].cells[*].outputs[*]`.
 *
 * Taken is the innermost value over the limit: of an output with its image that is the text of the image alone, so that the
 * execution count beside it may change without the image being kept twice. The bytes must be a notebook that was read; of
 * anything else the spans are as arbitrary as the bytes, and still in order, apart and inside.
 */

export type Span = { readonly from: number; readonly to: number }

/** What stands at a place of the document's tree. */
type Place = "notebook" | "worksheets" | "worksheet" | "cells" | "cell" | "outputs" | "output" | "elsewhere"

const MEMBERS: { readonly [place: string]: { readonly [key: string]: Place } } = {
  notebook: { cells: "cells", worksheets: "worksheets" },
  worksheet: { cells: "cells" },
  cell: { outputs: "outputs" },
}
const ITEMS: { readonly [place: string]: Place } = { worksheets: "worksheet", cells: "cell", outputs: "output" }
const LONGEST_KEY = "worksheets".length

type Open = { readonly place: Place; readonly from: number; readonly isObject: boolean }

/** Of what was opened, and of the value that comes next. */
type Scan = {
  readonly bytes: Uint8Array
  readonly overBytes: number
  readonly open: Open[]
  readonly spans: Span[]
  place: Place
  /** Of the last string, in case it turns out to be a key. */
  key: Span
}

const QUOTE = 34
const BACKSLASH = 92
const [COMMA, COLON, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [44, 58, 91, 93, 123, 125]

export function largeOutputs(bytes: Uint8Array, overBytes: number): readonly Span[] {
  const scan: Scan = { bytes, overBytes, open: [], spans: [], place: "notebook", key: { from: 0, to: 0 } }
  if (bytes.length <= overBytes) return []
  for (let at = 0; at < bytes.length; ) at = step(scan, at)
  return scan.spans
}

/** Takes what stands at this byte and gives the next one to look at. */
function step(scan: Scan, at: number): number {
  switch (scan.bytes[at]) {
    case QUOTE:
      return takeString(scan, at)
    case OPEN_OBJECT:
    case OPEN_LIST:
      return enter(scan, at)
    case CLOSE_OBJECT:
    case CLOSE_LIST:
      return leave(scan, at)
    case COLON:
      scan.place = memberPlace(scan)
      return at + 1
    case COMMA:
      scan.place = itemPlace(scan.open.at(-1))
      return at + 1
    default:
      return at + 1
  }
}

function takeString(scan: Scan, at: number): number {
  const to = endOfString(scan.bytes, at + 1)
  scan.key = { from: at + 1, to: to - 1 }
  if (scan.place === "output") keep(scan, { from: at, to })
  return to
}

/** After the closing quote. */
function endOfString(bytes: Uint8Array, from: number): number {
  for (let at = from; ; ) {
    const quote = bytes.indexOf(QUOTE, at)
    if (quote < 0) return bytes.length
    let before = quote - 1
    while (before >= from && bytes[before] === BACKSLASH) before--
    if ((quote - before) % 2 === 1) return quote + 1
    at = quote + 1
  }
}

function enter(scan: Scan, at: number): number {
  const isObject = scan.bytes[at] === OPEN_OBJECT
  const open = { place: scan.place, from: at, isObject }
  scan.open.push(open)
  scan.place = itemPlace(open)
  return at + 1
}

function leave(scan: Scan, at: number): number {
  const left = scan.open.pop()
  if (left?.place === "output") keep(scan, { from: left.from, to: at + 1 })
  // Until a comma or a colon says otherwise nothing comes.
  scan.place = "elsewhere"
  return at + 1
}

/** All that is inside an output is part of it; a member's place is known only after its colon. */
function itemPlace(open: Open | undefined): Place {
  if (open?.place === "output") return open.isObject ? "elsewhere" : "output"
  return open && !open.isObject ? (ITEMS[open.place] ?? "elsewhere") : "elsewhere"
}

function memberPlace({ bytes, open, key }: Scan): Place {
  const inside = open.at(-1)
  if (!inside?.isObject) return "elsewhere"
  if (inside.place === "output") return "output"
  if (key.to - key.from > LONGEST_KEY) return "elsewhere"
  return MEMBERS[inside.place]?.[String.fromCharCode(...bytes.subarray(key.from, key.to))] ?? "elsewhere"
}

/** What is inside of it was kept before, and then it is not the innermost. */
function keep({ spans, overBytes }: Scan, span: Span): void {
  if (span.to - span.from > overBytes && (spans.at(-1)?.from ?? -1) < span.from) spans.push(span)
}
