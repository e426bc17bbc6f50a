/**
 * A text that grows, as a terminal shows it: lines, each knowing which colours it begins with.
 *
 * What was read stays read. A cell that prints 100,000 lines gives its text in pieces, and a piece costs what it adds. Pure.
 */
import Anser, { type AnserJsonEntry } from "anser"
import { paletteColour, settle } from "#page/parts.ts"

export type TerminalLine = {
  readonly text: string
  /** Colour sequences that hold where the line begins. */
  readonly before: string
}

export type Terminal = {
  /** How far the text has been read, in UTF-16 code units. */
  readonly read: number
  /** Grows in place: only the newest `Terminal` of a text may be shown. */
  readonly lines: TerminalLine[]
  /** The last line: what it settled to before its last carriage return, and what came after that. */
  readonly open: { readonly kept: string; readonly tail: string; readonly before: string }
}

export function emptyTerminal(): Terminal {
  return { read: 0, lines: [], open: { kept: "", tail: "", before: "" } }
}

/** The terminal after a text of which the one given has read the beginning. */
export function readOn(terminal: Terminal, text: string): Terminal {
  const added = text.slice(terminal.read)
  if (added === "") return terminal
  const pieces = added.split("\n")
  const lines = terminal.lines
  let open = terminal.open
  pieces.forEach((piece, index) => {
    open = carriedOn(open, piece)
    if (index === pieces.length - 1) return
    const line = settledLine(open)
    lines.push(line)
    open = { kept: "", tail: "", before: coloursAfter(line) }
  })
  return { read: text.length, lines, open }
}

type Open = Terminal["open"]

/** A progress bar draws its line again and again: only the last drawing is carried along. */
function carriedOn(open: Open, piece: string): Open {
  const tail = open.tail + piece
  const last = tail.lastIndexOf("\r", tail.length - 2)
  if (last < 0) return { ...open, tail }
  return { ...open, kept: settle(joined(open.kept, tail.slice(0, last))), tail: tail.slice(last + 1) }
}

function joined(kept: string, tail: string): string {
  return kept === "" ? tail : `${kept}\r${tail}`
}

// Most lines hold nothing that a terminal would carry out but colours, and are what they are.
const SETTLED = /^(?:[^\x1b\r\b]|\x1b\[[0-9;]{0,40}m)*$/

function settledLine(open: Open): TerminalLine {
  const text = joined(open.kept, open.tail)
  return { text: SETTLED.test(text) ? text : settle(text), before: open.before }
}

/** Every line, the unfinished one as well unless nothing is in it. */
export function linesOf(terminal: Terminal): { readonly count: number; readonly at: (index: number) => TerminalLine | undefined } {
  const last = settledLine(terminal.open)
  const count = terminal.lines.length + (last.text === "" ? 0 : 1)
  return { count, at: (index) => (index === terminal.lines.length ? (last.text === "" ? undefined : last) : terminal.lines[index]) }
}

const COLOURS = /\x1b\[[0-9;]*m/g
const LONGEST_BEFORE = 200

function coloursAfter({ text, before }: TerminalLine): string {
  if (!text.includes("\x1b")) return before
  let after = before
  for (const [sequence] of text.matchAll(COLOURS)) after = /^\x1b\[0*(?:;0*)*m$/.test(sequence) ? "" : after + sequence
  return after.slice(-LONGEST_BEFORE).replace(/^[^\x1b]*/, "")
}

export function uncoloured(text: string): string {
  return text.includes("\x1b") ? text.replace(COLOURS, "") : text
}

export type Piece = {
  readonly text: string
  /** Names of colours and decorations, as the style sheet knows them: "red", "on-blue", "bold". */
  readonly names: readonly string[]
  /** "r, g, b" where the colour is none of the named. */
  readonly fore?: string
  readonly back?: string
}

/** A line that goes on for longer is cut; nobody reads it to its end on a screen. */
export const LONGEST_LINE = 20_000

export function piecesOf({ text, before }: TerminalLine): readonly Piece[] {
  const whole = text.length > LONGEST_LINE ? text.slice(0, LONGEST_LINE) : text
  if (!whole.includes("\x1b") && before === "") return [{ text: whole, names: [] }]
  return Anser.ansiToJson(before + whole, { json: true, use_classes: true, remove_empty: true }).map(piece)
}

const DECORATIONS = new Set(["bold", "dim", "italic", "underline", "strikethrough"])

function piece(entry: AnserJsonEntry): Piece {
  const fore = colour(entry.fg, entry.fg_truecolor)
  const back = colour(entry.bg, entry.bg_truecolor)
  const names = [
    ...(fore.name ? [fore.name] : []),
    ...(back.name ? [`on-${back.name}`] : []),
    ...entry.decorations.filter((name) => DECORATIONS.has(name)),
    ...(entry.decorations.includes("reverse") && !fore.name && !back.name && !fore.rgb && !back.rgb ? ["reverse"] : []),
  ]
  return { text: entry.content, names, ...(fore.rgb ? { fore: fore.rgb } : {}), ...(back.rgb ? { back: back.rgb } : {}) }
}

/** Anser's names: `ansi-red`, `ansi-bright-red`, `ansi-palette-208`, `ansi-truecolor` with "r, g, b" beside it. */
function colour(name: string | null, truecolor: string | null): { readonly name?: string; readonly rgb?: string } {
  if (!name) return {}
  if (name === "ansi-truecolor") return /^\d{1,3}, ?\d{1,3}, ?\d{1,3}$/.test(truecolor ?? "") ? { rgb: truecolor ?? "" } : {}
  const palette = /^ansi-palette-(\d{1,3})$/.exec(name)?.[1]
  if (palette !== undefined) return { rgb: paletteColour(Number(palette)) }
  const plain = /^ansi-(?:bright-)?([a-z]+)$/.exec(name)?.[1]
  return plain ? { name: plain } : {}
}
