/**
 * The text of one stream as a terminal would leave it: `\r` goes back to the start of the line and what follows
 * overwrites, `\b` goes one back. Only the last line can still change, so finished lines are never looked at again:
 * a progress bar redrawn a million times costs its own length, not its history.
 */
export type TerminalText = {
  /** Finished lines. */
  readonly head: string
  /** The line being written. */
  readonly line: string
  /** Where the next character goes, in UTF-16 units of `line`. */
  readonly cursor: number
}

export const NO_TEXT: TerminalText = { head: "", line: "", cursor: 0 }

/** Whether what was written so far stays as it is when this is appended. */
export function onlyGrows(text: TerminalText, chunk: string): boolean {
  return !/[\r\b]/.test(chunk) && text.cursor === text.line.length
}

export function append(text: TerminalText, chunk: string): TerminalText {
  if (onlyGrows(text, chunk)) return appendPlain(text, chunk)
  let now = text
  for (const [token] of chunk.matchAll(/\r*\n|\r|\x08|[^\r\n\x08]+/g)) now = appendToken(now, token)
  return now
}

export function textOf(text: TerminalText): string {
  return text.head + text.line
}

function appendPlain(text: TerminalText, chunk: string): TerminalText {
  const newline = chunk.lastIndexOf("\n")
  if (newline < 0) return { head: text.head, line: text.line + chunk, cursor: text.cursor + chunk.length }
  const rest = chunk.slice(newline + 1)
  return { head: text.head + text.line + chunk.slice(0, newline + 1), line: rest, cursor: rest.length }
}

function appendToken(text: TerminalText, token: string): TerminalText {
  if (token === "\r") return { ...text, cursor: 0 }
  if (token === "\b") return { ...text, cursor: Math.max(0, text.cursor - 1) }
  if (token.endsWith("\n")) return { head: `${text.head}${text.line}\n`, line: "", cursor: 0 }
  const line = overwrite(text.line, text.cursor, token)
  return { head: text.head, line, cursor: text.cursor + token.length }
}

function overwrite(line: string, cursor: number, token: string): string {
  // Colour sequences have no width: overwriting unit by unit would cut them in half. Bars that use them redraw the whole line.
  if (cursor === 0 && (line.includes("\x1b") || token.includes("\x1b"))) return token
  return line.slice(0, cursor) + token + line.slice(cursor + token.length)
}
