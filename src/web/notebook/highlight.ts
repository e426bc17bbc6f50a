/** Code as coloured text without an editor: for cells that nobody is about to type in. */
import type { Language } from "@codemirror/language"
import { classHighlighter, highlightTree } from "@lezer/highlight"

/** Beyond this the colours of what is not edited cost more than they are worth. */
const MOST_COLOURED = 60_000
const MOST_LINES = 400

/** Fills `into` with one element a line, as high and as wide as the editor draws it. */
export function drawCode(into: HTMLElement, text: string, language: Language | undefined): void {
  const lines = text.split("\n")
  const shown = lines.slice(0, MOST_LINES)
  const fragment = document.createDocumentFragment()
  const pieces = language && text.length <= MOST_COLOURED ? piecesOf(shown.join("\n"), language) : [{ text: shown.join("\n"), look: "" }]
  let line = newLine(fragment)
  for (const piece of pieces) {
    piece.text.split("\n").forEach((part, at) => {
      if (at > 0) line = newLine(fragment)
      if (part !== "") line.append(piece.look === "" ? part : coloured(part, piece.look))
    })
  }
  into.replaceChildren(fragment)
  into.style.minHeight = `${lines.length * 21}px`
}

type Piece = { readonly text: string; readonly look: string }

export function piecesOf(text: string, language: Language): readonly Piece[] {
  const pieces: Piece[] = []
  let done = 0
  highlightTree(language.parser.parse(text), classHighlighter, (from, to, look) => {
    if (from > done) pieces.push({ text: text.slice(done, from), look: "" })
    pieces.push({ text: text.slice(from, to), look })
    done = to
  })
  if (done < text.length) pieces.push({ text: text.slice(done), look: "" })
  return pieces
}

function newLine(parent: Node): HTMLElement {
  const line = document.createElement("div")
  line.className = "cm-line"
  parent.appendChild(line)
  return line
}

function coloured(text: string, look: string): HTMLElement {
  const span = document.createElement("span")
  span.className = look
  span.textContent = text
  return span
}
