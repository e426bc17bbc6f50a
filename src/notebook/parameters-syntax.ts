/** Syntax trees as plain data: one shape for Lezer's and tree-sitter's. Offsets count UTF-16 units of the source. */
import { type Parser, type Tree, TreeFragment } from "@lezer/common"
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
export const LONGEST_SOURCE = 200_000

const WINDOW = 4_000
const MOST_ERRORS = 100

/**
 * The tree of a source, as far as the source is the language. Recovery from errors takes time that grows with the square of
 * what is left, so the source is handed over in windows, each reusing what was parsed, and parsing ends where a source turns
 * out to be something else altogether.
 */
export function parsedBy(parser: Parser, source: string): Syntax {
  let fragments: readonly TreeFragment[] = []
  for (let end = Math.min(WINDOW, source.length); ; ) {
    const tree = parser.parse(source.slice(0, end), fragments)
    if (end === source.length || errorsIn(tree) > MOST_ERRORS) return lezerSyntax(tree)
    const next = Math.min(end + WINDOW, source.length)
    fragments = TreeFragment.applyChanges(TreeFragment.addTree(tree), [{ fromA: end, toA: end, fromB: end, toB: next }])
    end = next
  }
}

function errorsIn(tree: Tree): number {
  let count = 0
  tree.iterate({
    enter: (node) => {
      if (node.type.isError) count++
    },
  })
  return count
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
