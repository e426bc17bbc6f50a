/**
 * Terminal text as HTML: colours become classes, carriage returns and backspaces are carried out, everything else that
 * a terminal would obey (cursor movement, titles, links) is dropped, and the rest is text.
 */
import Anser, { type AnserJsonEntry } from "anser"
import { html, type Markup } from "#page/markup.ts"

// Colours cost a span each; a text of this size is a log, which is searched rather than looked at.
const TOO_LONG_FOR_COLOURS = 1_000_000

/** Coloured text for the inside of a `pre`. */
export function terminal(text: string): Markup {
  const settled = settle(text)
  if (!settled.includes("\x1b")) return html`${settled}`
  if (settled.length > TOO_LONG_FOR_COLOURS) return html`${withoutColours(settled)}`
  const pieces = Anser.ansiToJson(settled, { json: true, use_classes: true, remove_empty: true })
  return html`${pieces.map(coloured)}`
}

/** The text alone: without colours, as the terminal would have left it. */
export function uncoloured(text: string): string {
  return withoutColours(settle(text))
}

function withoutColours(settled: string): string {
  return settled.replace(/\x1b\[[0-9;]*m/g, "")
}

/** Without what moves a cursor; what was overwritten is gone. Colour sequences stay. */
export function settle(text: string): string {
  const told = text.includes("\x1b") ? withoutCommands(text) : text
  return /[\r\b]/.test(told) ? told.split("\n").map(overwritten).join("\n") : told
}

/** Every quantifier is bounded or excludes what ends it: a text of escapes alone must not take more than its length. */
function withoutCommands(text: string): string {
  return (
    text
      // Operating system commands (window titles, links) and device control strings, up to their end.
      .replace(/\x1b[\]PX^_][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)/g, "")
      // Colours in the colon form are said with semicolons; sequences too long to be colours are none.
      .replace(/\x1b\[[0-9;:]*m/g, (sequence) => (sequence.length > 80 ? "" : sequence.replaceAll(/:+/g, ";")))
      // Control sequences that are not colours, then escapes of two or three characters, then those that stand alone.
      .replace(/\x1b\[[0-?]{0,100}[ -/]{0,10}[@-ln-~]|\x1b\[[<-?][0-?]{0,100}m/g, "")
      .replace(/\x1b[ -/]{1,10}[0-~]|\x1b[0-Z\\-~]/g, "")
      .replace(/\x1b(?!\[[0-9;]{0,80}m)/g, "")
  )
}

/** One line after its carriage returns and backspaces. */
function overwritten(line: string): string {
  let now = ""
  for (const part of line.split("\r")) {
    const next = part.includes("\b") ? withoutErased(part) : part
    // A coloured bar redraws its whole line; its escapes have no width, so cutting by length would cut them in half.
    now = next === "" ? now : `${now}${next}`.includes("\x1b") ? next : next + now.slice(next.length)
  }
  return now
}

function withoutErased(part: string): string {
  const kept: string[] = []
  for (const character of part) {
    if (character === "\b") kept.pop()
    else kept.push(character)
  }
  return kept.join("")
}

function coloured(piece: AnserJsonEntry): Markup {
  const reverse = piece.decorations.includes("reverse")
  const fore = colour(piece.fg, piece.fg_truecolor)
  const back = colour(piece.bg, piece.bg_truecolor)
  // Anser swaps the colours of reversed text itself, but only where both are named.
  const classes = [
    fore.name && `${fore.name}-fg`,
    back.name && `${back.name}-bg`,
    ...piece.decorations.filter((name) => name !== "hidden" && name !== "reverse").map((name) => `a-${name}`),
  ]
  if (reverse && !fore.name && !back.name && !fore.rgb && !back.rgb) classes.push("a-reverse")
  const names = classes.filter(Boolean).join(" ")
  const style = [fore.rgb && `--f:rgb(${fore.rgb})`, back.rgb && `background-color:rgb(${back.rgb})`].filter(Boolean).join(";")
  if (!names && !style) return html`${piece.content}`
  return html`<span${names ? html` class="${names}"` : ""}${style ? html` style="${style}"` : ""}>${piece.content}</span>`
}

type Colour = { readonly name?: string; readonly rgb?: string }

/** Anser's names: `ansi-red`, `ansi-bright-red`, `ansi-palette-208`, `ansi-truecolor` with "r, g, b" beside it. */
function colour(name: string | null, truecolor: string | null): Colour {
  if (!name) return {}
  if (name === "ansi-truecolor") return /^\d{1,3}, ?\d{1,3}, ?\d{1,3}$/.test(truecolor ?? "") ? { rgb: truecolor ?? "" } : {}
  const palette = /^ansi-palette-(\d{1,3})$/.exec(name)
  if (palette) return { rgb: paletteColour(Number(palette[1])) }
  return /^ansi-(?:bright-)?[a-z]+$/.test(name) ? { name: name.replace("ansi-", "a-") } : {}
}

/** Colours 16 to 231 are a cube of six steps a side, 232 to 255 greys: the xterm palette. */
export function paletteColour(index: number): string {
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10
    return `${grey}, ${grey}, ${grey}`
  }
  const step = (n: number): number => (n === 0 ? 0 : 55 + n * 40)
  const cube = Math.max(0, index - 16)
  return [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map(step).join(", ")
}
