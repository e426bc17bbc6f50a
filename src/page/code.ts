/** Source code with its syntax marked, from the same grammars that read parameters; languages without one stay plain. */

import { type Highlighter, highlightCode, tagHighlighter, tags } from "@lezer/highlight"
import { parser as javascript } from "@lezer/javascript"
import { parser as python } from "@lezer/python"
import { parser as julia } from "@plutojl/lezer-julia"
import { parser as r } from "lezer-r"
import { html, type Markup } from "#page/markup.ts"

type Parser = { parse(input: string): Parameters<typeof highlightCode>[1] }

const PARSERS: ReadonlyMap<string, Parser> = new Map<string, Parser>([
  ...["python", "python3", "ipython", "ipython3", "py", "pycon"].map((name): [string, Parser] => [name, python]),
  ...["javascript", "js", "node", "jsx"].map((name): [string, Parser] => [name, javascript.configure({ dialect: "jsx" })]),
  ...["typescript", "ts", "tsx"].map((name): [string, Parser] => [name, javascript.configure({ dialect: "ts" })]),
  ["r", r],
  ["julia", julia],
  ["jl", julia],
])

const CLASSES: Highlighter = tagHighlighter([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword, tags.self], class: "k" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp, tags.character, tags.docString], class: "s" },
  { tag: tags.escape, class: "e" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], class: "n" },
  { tag: tags.comment, class: "c" },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName), tags.macroName], class: "f" },
  { tag: [tags.definition(tags.className), tags.className, tags.typeName, tags.definition(tags.typeName)], class: "t" },
  { tag: [tags.meta, tags.annotation], class: "m" },
])

// Above this a highlighted source would weigh more than the reader gains; nobody reads 300 KB of one cell in colour.
const LARGEST = 300_000

/** The inside of a `pre`. `language` as notebooks and fences name it; unknown names give plain text. */
export function code(source: string, language: string): Markup {
  const parser = PARSERS.get(language.toLowerCase())
  if (!parser || source.length > LARGEST || /^\s*%%(?!time|capture|prun|timeit)/.test(source)) return revealed(source)
  const pieces: Markup[] = []
  highlightCode(
    source,
    parser.parse(source),
    CLASSES,
    (text, classes) => pieces.push(classes ? html`<span class="${classes}">${revealed(text)}</span>` : revealed(text)),
    () => pieces.push(html`\n`),
  )
  return html`${pieces}`
}

// Characters that reorder what is read without changing what runs ("Trojan Source"), and the ones without a width.
const INVISIBLE = /[\u202a-\u202e\u2066-\u2069\u200b-\u200f\u2060-\u2064\ufeff]/
const INVISIBLES = new RegExp(INVISIBLE, "g")

/** Text whose invisible characters are shown by their numbers instead of being obeyed. */
function revealed(text: string): Markup {
  if (!INVISIBLE.test(text)) return html`${text}`
  const names = [...text.matchAll(INVISIBLES)].map((match) => `U+${match[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`)
  return html`${text.split(INVISIBLES).map((part, index) => [index > 0 && html`<span class="hidden-character">${names[index - 1]}</span>`, part])}`
}
