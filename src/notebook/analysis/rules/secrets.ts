/** Secrets in cells of every kind and in what they show. The value itself is in no sentence. */
import { isObject, type Json, write } from "#base/json.ts"
import { type Finding, type Fix, finding, type Rule, type SubjectCell } from "#notebook/analysis/findings.ts"
import type { Span, Text } from "#notebook/analysis/names.ts"
import { type KnownSecret, knownSecrets } from "#notebook/analysis/secret-forms.ts"
import type { Cell } from "#notebook/document.ts"
import type { Language } from "#notebook/languages.ts"

const HOLDERS =
  /(?:^|[_.-])(?:pass(?:word|wd|phrase)?|pwd|secret|token|api_?key|apikey|access_?key|secret_?key|auth_?key|private_?key|client_?secret|credentials?)(?:$|[_.-]|\d)|(?:Password|Secret|Token|ApiKey|AccessKey)$/i
const STAND_IN =
  /example|dummy|sample|placeholder|changeme|your[-_ ]|insert|replace|todo|xxx|\.\.\.|…|<[^>]*>|\{[^}]*\}|^\*+$|test|fake|redacted|^none$|^password$|^secret$|^token$/i
const WITH_PASSWORD = /\b[a-z][a-z0-9+]*:\/\/[^\s:/@]+:([^\s:/@]{3,})@[^\s/]+/i

export const secrets: Rule = ({ notebook, cells, skipped, language }) => {
  const read = new Map([...cells, ...skipped].map((cell) => [cell.id, cell]))
  let left = MOST_OUTPUT
  return notebook.cells.flatMap((cell) => {
    const code = read.get(cell.id)
    const inSource = code ? inCode(code, language) : knownSecrets(cell.source).map((known) => found({ id: cell.id, cell }, known))
    const texts = outputTexts(cell).map((text) => text.slice(0, Math.min(LONGEST_OUTPUT, left)))
    left = Math.max(0, left - texts.reduce((sum, { length }) => sum + length, 0))
    return [...inSource, ...inOutputs({ id: cell.id, cell }, texts)]
  })
}

function inCode(cell: SubjectCell, language: Language | undefined): Finding[] {
  const inTexts = cell.names.texts.flatMap((text) => inText(cell, text, language))
  // Shell lines, comments and cells in other languages are no texts of the syntax tree; what is in one was told with it.
  const elsewhere = knownSecrets(cell.cell.source)
    .map((known) => found(cell, known))
    .filter((one) => !inTexts.some((told) => told.why === one.why && isWithin(one.span, told.span)))
  return [...inTexts, ...elsewhere]
}

function isWithin(inner: Span | undefined, outer: Span | undefined): boolean {
  return inner !== undefined && outer !== undefined && inner.from >= outer.from && inner.to <= outer.to
}

function inText(cell: SubjectCell, text: Text, language: Language | undefined): Finding[] {
  const fix = fromEnvironment(cell, text, language)
  const known = new Map(knownSecrets(text.value).map((one) => [sentence(one), one]))
  if (known.size > 0) return Array.from(known.values(), (one) => found(cell, { ...one, from: text.from, to: text.to }, fix))
  const guess = (said: string) =>
    finding("secret", cell, { span: text, why: `${said}; whoever can read the notebook has it.`, certainty: "guess", fix })
  const password = WITH_PASSWORD.exec(text.value)?.[1]
  if (password !== undefined && !STAND_IN.test(password)) return [guess("An address with a password stands in the source")]
  if (!HOLDERS.test(text.holder) || !looksRandom(text.value)) return []
  return [guess(`What is given to \`${text.holder}\` looks like a secret`)]
}

function found(cell: Pick<SubjectCell, "id" | "cell">, known: KnownSecret, fix?: Fix): Finding {
  return finding("secret", cell, { span: known, why: sentence(known), certainty: known.isProven ? "verified" : "guess", fix })
}

function sentence({ what, isProven }: KnownSecret): string {
  return isProven
    ? `Here stands ${what}; whoever can read the notebook has it.`
    : `Here stands what looks like ${what}, with a checksum that does not fit.`
}

// A cell that prints for hours is looked at from its beginning; and so is a notebook with thousands of outputs.
const LONGEST_OUTPUT = 50_000
const MOST_OUTPUT = 500_000

/** One of each kind: where in an output it stands, no place in the source says. */
function inOutputs(cell: Pick<SubjectCell, "id" | "cell">, texts: readonly string[]): Finding[] {
  const known = new Map(texts.flatMap(knownSecrets).map((one) => [`${one.what} ${one.isProven}`, one]))
  const fix: Fix = { title: "Clear its outputs", isSafe: false, edits: [{ kind: "clear_outputs", cell: cell.id }] }
  return Array.from(known.values(), ({ what, isProven }) =>
    finding("secret", cell, {
      why: isProven
        ? `Its output shows ${what}; whoever can read the notebook has it.`
        : `Its output shows what looks like ${what}, with a checksum that does not fit.`,
      certainty: isProven ? "verified" : "guess",
      fix,
    }),
  )
}

/** What is read as text: streams, tracebacks, and of what is displayed all that is no picture. */
function outputTexts({ outputs = [] }: Cell): readonly string[] {
  return outputs.flatMap((output) => [
    ...textsIn(output["text"]),
    ...textsIn(output["evalue"]),
    ...textsIn(output["traceback"]),
    ...Object.entries(isObject(output["data"]) ? output["data"] : {}).flatMap(([type, value]) => (TEXTUAL.test(type) ? textsIn(value) : [])),
  ])
}

const TEXTUAL = /^text\/|[/+]json$/

function textsIn(value: Json | undefined): readonly string[] {
  if (typeof value === "string") return [value]
  if (Array.isArray(value)) return value.every((one) => typeof one === "string") ? [value.join("\n")] : [write(value)]
  return isObject(value) ? [write(value)] : []
}

/** Long enough, and more mixed than words are. */
function looksRandom(value: string): boolean {
  if (value.length < 6 || value.length > 500 || /\s/.test(value) || STAND_IN.test(value) || /^(?:https?:\/\/|\/|[A-Z_]+$)/.test(value)) return false
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(value)).length
  return value.length >= 16 ? entropy(value) >= 3.2 : kinds >= 2 && entropy(value) >= 2.2
}

/** Bits a character. */
function entropy(value: string): number {
  const counts = new Map<string, number>()
  for (const letter of value) counts.set(letter, (counts.get(letter) ?? 0) + 1)
  return [...counts.values()].reduce((bits, count) => bits - (count / value.length) * Math.log2(count / value.length), 0)
}

/** Read when it runs, from a place that is not in the notebook. */
function fromEnvironment({ id, cell, names }: SubjectCell, text: Text, language: Language | undefined): Fix | undefined {
  const isWhole = /^["']/.test(cell.source.slice(text.from, text.from + 1))
  if (!isWhole || (language !== "python" && language !== "r")) return undefined
  const name = (text.holder || "secret").replace(/[^A-Za-z0-9]+/g, "_").toUpperCase()
  const asked = language === "r" ? `Sys.getenv("${name}")` : `os.environ["${name}"]`
  const read = { kind: "replace", cell: id, from: text.from, to: text.to, text: asked } as const
  const line = { kind: "replace", cell: id, from: 0, to: 0, text: "import os\n" } as const
  const isThere = language === "r" || names.imports.some(({ module, as }) => module === "os" && as === "os")
  return { title: `Read it from the environment variable ${name}`, isSafe: false, edits: isThere ? [read] : [read, line] }
}
