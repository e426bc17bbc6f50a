/** The names of a Python cell, as IPython runs it. */
import { parser } from "@lezer/python"
import { type CellNames, type Magic, type NameEvent, type NameLanguage, type Need, NOTHING } from "#notebook/analysis/names.ts"
import { isPythonBuiltin } from "#notebook/analysis/python-builtins.ts"
import { type PythonCell, pythonCell } from "#notebook/analysis/python-cell.ts"
import { bodyOf, type Facts, type Walk } from "#notebook/analysis/python-expressions.ts"
import { cellMagicMeaning, codeStart, hasPythonBody, isLineMagic, lineMagic, namesFrom, namesInShell } from "#notebook/analysis/python-magics.ts"
import { firstMistake } from "#notebook/analysis/python-mistakes.ts"
import { atMost } from "#notebook/analysis/python-scope.ts"
import { visitStatements } from "#notebook/analysis/python-statements.ts"
import { parsedBy, type Syntax } from "#notebook/parameters-syntax.ts"

export const PYTHON: NameLanguage = { read: readPythonNames, isBuiltin: isPythonBuiltin }

// Deeper than anybody writes; the walk goes down by calling itself.
const DEEPEST_TREE = 400
const LONGEST_SOURCE = 200_000

function readPythonNames(source: string): CellNames {
  if (source.trim() === "") return NOTHING
  if (source.length > LONGEST_SOURCE) return unread(source, [])
  const typed = automagic(source)
  const cell = pythonCell(source, hasPythonBody)
  const { root, brokenAt, shift } = parsed(cell.text)
  if (brokenAt.length > 0 && typed) return { ...readPythonNames(source.replace(typed.word, `%${typed.word}`)), showsValue: true }
  if (brokenAt.length > 0) return unread(source, brokenAt)
  const nodes = flat(root)
  if (!nodes) return unread(source, [])
  const mistake = firstMistake(shift === 0 ? cell.text : INDENTED + cell.text, nodes)
  if (mistake >= 0) return unread(source, [mistake - shift])
  const facts: Facts = { calls: [], texts: [], imports: [] }
  const walk = walkOver(cell, facts)
  const shifted: Walk = shift === 0 ? walk : { ...walk, source: INDENTED + cell.text, offset: -shift }
  const events = eventsOf(walk, shifted, root).map((event) => (event.do === "use" && typed ? { ...event, soft: true } : event))
  const statements = root.children
    .flatMap((node) => (node.kind === "StatementGroup" ? node.children : [node]))
    .filter((node) => node.kind !== "Comment")
  return {
    events,
    ...facts,
    magics: [...cell.cellMagics, ...cell.magics.values()],
    brokenAt: [],
    mentions: [],
    showsValue: cell.cellMagics.length > 0 || cell.magics.size > 0 || shift > 0 || statements.some((node) => node.kind === "ExpressionStatement"),
    isPlain: cell.cellMagics.length === 0 && cell.magics.size === 0 && statements.every(isPlain),
    isEmpty: statements.length === 0 && cell.cellMagics.length === 0,
    needs: needsOf(nodes, shift),
    branches: statements.filter((node) => /^(?:If|For|While|Try|Match)Statement$/.test(node.kind)).length,
    statements: cell.cellMagics.length > 0 || shift > 0 ? [] : statements.map(({ from, to }) => ({ from, to })),
  }
}

/** In a cell of one line, a magic needs no `%` where no variable has its name: `ls`, `cd ..`, `hist(x)`. */
function automagic(source: string): { readonly word: string } | undefined {
  const [, word = ""] = /^[^\S\n]*([a-z_]+)(?![\w.])(?!\s*[=,])[^\n]*\s*$/.exec(source) ?? []
  return word !== "" && isLineMagic(word) ? { word } : undefined
}

/** Nothing is known of it but the words that stand in it. */
function unread(source: string, brokenAt: readonly number[]): CellNames {
  const mentions = [...new Set(Array.from(source.matchAll(/[\p{L}_][\p{L}\p{N}_]*/gu), (match) => match[0]))]
  return { ...NOTHING, brokenAt, mentions, showsValue: true, isPlain: false, isEmpty: false }
}

const INDENTED = "if 1:\n"

/** IPython takes off the indentation that a whole cell has; here it stands below a condition that is always true. */
function parsed(text: string): { readonly root: Syntax; readonly brokenAt: readonly number[]; readonly shift: number } {
  const isIndented = /^(?:[^\S\n]*\n)*[^\S\n]+[^\s#]/.test(text)
  const shift = isIndented ? INDENTED.length : 0
  const { root, brokenAt } = parsedBy(parser, isIndented ? INDENTED + text : text)
  return { root, brokenAt: brokenAt.map((at) => Math.max(0, at - shift)), shift }
}

/** Every node, outermost first; undefined when they are nested too deep to be walked. */
function flat(root: Syntax): readonly Syntax[] | undefined {
  const all: Syntax[] = [root]
  let levelEnd = 1
  let depth = 0
  for (let at = 0; at < all.length; at++) {
    if (at === levelEnd) {
      levelEnd = all.length
      if (++depth > DEEPEST_TREE) return undefined
    }
    for (const child of (all[at] as Syntax).children) all.push(child)
  }
  return all
}

const NEWER: ReadonlyMap<string, Pick<Need, "version" | "what">> = new Map([
  ["TypeDefinition", { version: "3.12", what: "a `type` statement" }],
  ["TypeParamList", { version: "3.12", what: "type parameters" }],
  ["MatchStatement", { version: "3.10", what: "a `match` statement" }],
  ["NamedExpression", { version: "3.8", what: "an assignment expression" }],
])

function needsOf(nodes: readonly Syntax[], shift: number): readonly Need[] {
  return nodes.flatMap(({ kind, from, to }) => {
    const newer = NEWER.get(kind)
    return newer ? [{ version: newer.version, what: newer.what, from: from - shift, to: to - shift }] : []
  })
}

function walkOver(cell: PythonCell, facts: Facts): Walk {
  return {
    // Not as it was written: the private letters are in here.
    source: cell.text,
    offset: 0,
    cell,
    out: [],
    facts,
    chance: "sure",
    soft: false,
    guarded: false,
    caught: false,
    inFunction: false,
    ownCalls: undefined,
    declared: new Set(),
    members: undefined,
    holder: "",
    onMagic: (walk, at) => {
      const magic = cell.magics.get(at + walk.offset)
      if (magic) lineEvents(walk, magic)
    },
  }
}

/** The events of the cell between those of the magics that it stands under. */
function eventsOf(walk: Walk, shifted: Walk, root: Syntax): readonly NameEvent[] {
  for (const magic of cellMagicsBefore(walk)) cellMagic(walk, magic)
  const isMeasured = walk.cell.cellMagics.some(({ name }) => cellMagicMeaning(name.slice(1)) === "measured")
  if (isMeasured) walk.out.push(...atMost(bodyOf(shifted, { node: root, own: [] }, (inner) => visitStatements(inner, root.children)).events, "sure"))
  else visitStatements(shifted, root.children)
  return walk.out
}

function cellMagicsBefore({ cell }: Walk): readonly Magic[] {
  return cell.cellMagics
}

function cellMagic(walk: Walk, magic: Magic): void {
  const name = magic.name.slice(1)
  const meaning = cellMagicMeaning(name)
  if (meaning === "opens") walk.out.push({ do: "open", why: `%%${name}`, from: magic.from, to: magic.to, chance: "sure" })
  if (meaning === "measured") snippet(walk, magic, codeStart(name, magic.line))
  for (const each of namesFrom(name, magic.line)) {
    walk.out.push({ do: "define", name: each, from: magic.from, to: magic.to, how: "variable", chance: "sure", bodies: [], literal: false })
  }
  if (meaning === "elsewhere") mentions(walk, magic)
}

function lineEvents(walk: Walk, magic: Magic): void {
  if (magic.name === "!" || magic.name === "?") return magic.name === "!" ? mentions(walk, magic) : helped(walk, magic)
  const meaning = lineMagic(magic.name)
  if (meaning === "code") return snippet(walk, magic, codeStart(magic.name, magic.line))
  if (meaning === "measured") return measured(walk, magic)
  if (magic.name === "xdel") return deleted(walk, magic)
  if (magic.name === "reset") walk.out.push({ do: "clear", from: magic.from, to: magic.to })
  else if (meaning === "opens" && !(magic.name === "store" && !/-\w*r/.test(magic.line))) {
    walk.out.push({ do: "open", why: `%${magic.name}`, from: magic.from, to: magic.to, chance: walk.chance })
  }
  mentions(walk, magic)
}

/** The code after a magic's options, walked where it stands. */
function snippet(walk: Walk, magic: Magic, start: number): void {
  const source = magic.line.slice(start)
  const { root, brokenAt } = parsedBy(parser, source)
  if (brokenAt.length > 0) walk.out.push({ do: "open", why: `%${magic.name}`, from: magic.from, to: magic.to, chance: walk.chance })
  else if (flat(root)) visitStatements({ ...walk, source, offset: magic.lineFrom + start, onMagic: () => undefined }, root.children)
}

function measured(walk: Walk, magic: Magic): void {
  const { events } = bodyOf(walk, { node: magic, own: [] }, (inner) => snippet(inner, magic, codeStart(magic.name, magic.line)))
  walk.out.push(...atMost(events, walk.chance))
}

function mentions(walk: Walk, magic: Magic): void {
  for (const { name, from } of namesInShell(magic.line)) {
    const at = magic.lineFrom + from
    walk.out.push({ do: "use", name, from: at, to: at + name.length, chance: walk.chance, called: false, soft: true })
  }
}

function helped(walk: Walk, magic: Magic): void {
  const [name] = /[A-Za-z_]\w*/.exec(magic.line) ?? []
  if (name) walk.out.push({ do: "use", name, from: magic.from, to: magic.to, chance: walk.chance, called: false, soft: true })
}

function deleted(walk: Walk, magic: Magic): void {
  for (const name of magic.line.match(/\b[A-Za-z_]\w*\b/g) ?? [])
    walk.out.push({ do: "delete", name, from: magic.from, to: magic.to, chance: walk.chance })
}

const RUNS_SOMETHING = /^(?:CallExpression|AwaitExpression|For|While|Try|With|Delete|Assert|Raise)/

/** It assigns what is written out, defines or imports; nothing in it runs that could show something. */
function isPlain(statement: Syntax): boolean {
  if (!/^(?:Assign|Import|Pass|Scope)Statement$|^(?:Function|Class)Definition$/.test(statement.kind)) return false
  const left = [statement]
  for (let node = left.pop(); node; node = left.pop()) {
    if (RUNS_SOMETHING.test(node.kind) || node.kind === "Decorator") return false
    for (const child of node.children) if (!(node.kind === "FunctionDefinition" && child.kind === "Body")) left.push(child)
  }
  return true
}
