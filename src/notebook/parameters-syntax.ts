/** Syntax trees as plain data: one shape for Lezer's and tree-sitter's. Offsets count UTF-16 units of the source. */
import type { Parser, Tree } from "@lezer/common"
import type { Json } from "#base/json.ts"
import type { ParameterType } from "#notebook/parameters-type.ts"

export type Syntax = {
  readonly kind: string
  readonly from: number
  readonly to: number
  readonly children: readonly Syntax[]
  /** The parser could not make sense of what stands here. */
  readonly broken: boolean
}

/** What a reader finds in a cell's source. */
export type Reading = {
  readonly declarations: readonly Declaration[]
  readonly comments: readonly Syntax[]
  /** Offsets at which the source is not the language. */
  readonly brokenAt: readonly number[]
  /** The enumerations that the cell defines. */
  readonly classes?: ReadonlyMap<string, ParameterType>
}

/** One assignment or declaration at the top level of a cell. */
export type Declaration = {
  readonly name: string
  readonly from: number
  readonly to: number
  /** As written; "" when there is none. */
  readonly typeText: string
  /** As written; "" when there is none. */
  readonly valueText: string
  /** undefined when there is no value, or it is no literal. */
  readonly value: Json | undefined
  readonly required: boolean
  /** Known without an annotation. */
  readonly type?: ParameterType
  /** Assignable only by declaring it anew. */
  readonly constant?: boolean
}

/** Deeper source is not followed: nothing that people write as a parameter is nested so. */
export const DEEPEST = 100

/** Source beyond this many characters is not read as a parameters cell. */
export const LONGEST_SOURCE = 50_000

// 10,000 open brackets take the parsers of Scala and TypeScript minutes; 200, a few milliseconds.
const DEEPEST_BRACKETS = 200

export function isNestedTooDeep(source: string): boolean {
  let depth = 0
  for (const [bracket] of source.matchAll(/[([{]|[)\]}]/g)) {
    depth = "([{".includes(bracket) ? depth + 1 : Math.max(0, depth - 1)
    if (depth > DEEPEST_BRACKETS) return true
  }
  return false
}

/** Lezer's LR parsers, of which only this is needed. */
export type LezerParser = Parser & { configure(config: { readonly strict?: boolean; readonly dialect?: string }): Parser }

export type Parsed = { readonly root: Syntax; readonly brokenAt: readonly number[] }

const MOST_BROKEN_LINES = 5

/**
 * The tree of a source without its broken lines. Lezer's own recovery takes time that grows with the square of the source
 * that follows an error (minutes for 50 KB of something else), so the source is parsed strictly, and what is left of it
 * after a few broken lines are blanked out is not looked at.
 */
export function parsedBy(parser: LezerParser, source: string): Parsed {
  if (isNestedTooDeep(source)) return { root: NOTHING, brokenAt: [0] }
  const strict = strictOf(parser)
  const brokenAt: number[] = []
  for (let text = source; ; ) {
    const outcome = strictly(strict, text)
    if (typeof outcome !== "number") return { root: lezerSyntax(outcome), brokenAt }
    brokenAt.push(outcome)
    const blanked = withoutLineAt(text, outcome)
    if (blanked === undefined || brokenAt.length > MOST_BROKEN_LINES) return firstWholeLines(strict, source, brokenAt)
    text = blanked
  }
}

// Configuring one takes longer than reading a short cell with it.
const STRICT = new WeakMap<LezerParser, Parser>()

function strictOf(parser: LezerParser): Parser {
  const known = STRICT.get(parser) ?? parser.configure({ strict: true })
  STRICT.set(parser, known)
  return known
}

/** The tree, or the offset of the first error. */
function strictly(parser: Parser, source: string): Tree | number {
  // The grammar of Python takes blanks in a last line of its own for indentation.
  const parse = parser.startParse(source.trimEnd())
  try {
    for (;;) {
      const tree = parse.advance()
      if (tree) return tree
    }
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return Math.min(parse.parsedPos, source.length)
    throw thrown
  }
}

/** The text with blanks for the last line that has anything at or before the offset; undefined when there is none. */
function withoutLineAt(text: string, offset: number): string | undefined {
  const end = text.slice(0, lineEndOf(text, offset)).trimEnd().length
  const start = text.lastIndexOf("\n", end - 1) + 1
  return end === 0 ? undefined : text.slice(0, start) + " ".repeat(end - start) + text.slice(end)
}

function lineEndOf(text: string, offset: number): number {
  const end = text.indexOf("\n", offset)
  return end < 0 ? text.length : end
}

/** The first lines that are whole without what follows them, found by halving what stands before the first broken line. */
function firstWholeLines(strict: Parser, source: string, brokenAt: readonly number[]): Parsed {
  const lines = source.slice(0, Math.min(...brokenAt)).split("\n")
  let root = strictly(strict, "")
  let whole = 0
  let broken = lines.length
  while (whole + 1 < broken) {
    const middle = (whole + broken) >> 1
    const tree = strictly(strict, lines.slice(0, middle).join("\n"))
    if (typeof tree === "number") broken = middle
    else {
      root = tree
      whole = middle
    }
  }
  return { root: typeof root === "number" ? NOTHING : lezerSyntax(root), brokenAt }
}

const NOTHING: Syntax = { kind: "", from: 0, to: 0, children: [], broken: false }

/** The tree of a short source, errors and all. */
export function looselyParsedBy(parser: Parser, source: string): Syntax {
  return lezerSyntax(parser.parse(source))
}

function lezerSyntax(tree: Tree): Syntax {
  type Open = { kind: string; from: number; to: number; children: Syntax[]; broken: boolean }
  const root: Open = { kind: "", from: 0, to: tree.length, children: [], broken: false }
  const open: Open[] = [root]
  tree.iterate({
    enter: (node) => {
      const made: Open = { kind: node.name, from: node.from, to: node.to, children: [], broken: node.type.isError }
      open.at(-1)?.children.push(made)
      open.push(made)
    },
    leave: () => {
      open.pop()
    },
  })
  return root.children[0] ?? root
}

/** Every node of these kinds, outermost first, without recursion. */
export function nodesOf(root: Syntax, wanted: (node: Syntax) => boolean): Syntax[] {
  const out: Syntax[] = []
  const left = [root]
  for (let node = left.pop(); node; node = left.pop()) {
    if (wanted(node)) out.push(node)
    for (let i = node.children.length - 1; i >= 0; i--) left.push(node.children[i] as Syntax)
  }
  return out
}

export function childOf(node: Syntax | undefined, ...kinds: readonly string[]): Syntax | undefined {
  return node?.children.find((child) => kinds.includes(child.kind))
}

export function textOf(source: string, node: Syntax | undefined): string {
  return node ? source.slice(node.from, node.to) : ""
}

/** Values of all nodes, or undefined when one of them is no literal. */
export function allLiterals(nodes: readonly Syntax[], literal: (node: Syntax) => Json | undefined): Json[] | undefined {
  const out: Json[] = []
  for (const node of nodes) {
    const value = literal(node)
    if (value === undefined) return undefined
    out.push(value)
  }
  return out
}
