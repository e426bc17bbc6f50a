/** What the grammar takes and Python does not: Python 2, and places where only some things may stand. */
import type { Syntax } from "#notebook/parameters-syntax.ts"

/** The offset of the first mistake; -1 when there is none. `nodes` are all of the tree, its root first. */
export function firstMistake(source: string, nodes: readonly Syntax[]): number {
  const found = nodes.filter((node) => isMistake(source, node)).map(({ from }) => from)
  const outside = nodes.some(({ kind }) => kind === "ReturnStatement") ? returnOutside(nodes[0]) : -1
  const all = outside < 0 ? found : [...found, outside]
  return all.length === 0 ? -1 : Math.min(...all)
}

function isMistake(source: string, node: Syntax): boolean {
  switch (node.kind) {
    case "PrintStatement":
      return true
    case "CompareOp":
      return source.slice(node.from, node.to) === "<>"
    case "Number":
      return /^0[0-9_]*[1-9]/.test(source.slice(node.from, node.to)) && /^[0-9_]+$/.test(source.slice(node.from, node.to))
    case "RaiseStatement":
      return node.children.some(({ kind }) => kind === ",")
    case "TryStatement":
      return node.children.some(({ kind }) => kind === ",")
    case "AssignStatement":
      return targetsOf(node).some(({ kind }) => UNASSIGNABLE.has(kind))
    case "ArgList":
      return hasLatePositional(source, node)
    default:
      return false
  }
}

const UNASSIGNABLE = new Set([
  "Number",
  "Boolean",
  "None",
  "String",
  "CallExpression",
  "BinaryExpression",
  "UnaryExpression",
  "LambdaExpression",
  "FormatString",
])

function targetsOf(node: Syntax): readonly Syntax[] {
  const last = node.children.findLastIndex(({ kind }) => kind === "AssignOp")
  return node.children.slice(0, Math.max(0, last))
}

/** `f(a=1, 2)`. */
function hasLatePositional(source: string, { children }: Syntax): boolean {
  let named = false
  const parts = children.filter(({ kind }) => kind !== "Comment")
  if (parts.some(({ kind }) => kind === "for")) return false
  return parts.some(({ kind, from, to }, at) => {
    if (kind === "AssignOp") named ||= source.slice(from, to) === "="
    const [before, after] = [parts[at - 1]?.kind, parts[at + 1]?.kind]
    const isAlone = (before === "," || before === "(") && (after === "," || after === ")")
    return named && isAlone && kind !== ","
  })
}

/** A `return` that stands in no function. */
function returnOutside(root: Syntax | undefined): number {
  const left = root ? [root] : []
  for (let node = left.pop(); node; node = left.pop()) {
    if (node.kind === "ReturnStatement") return node.from
    if (node.kind === "FunctionDefinition" || node.kind === "LambdaExpression") continue
    if (/Statement|Body|Script|Class|Clause/.test(node.kind)) left.push(...node.children)
  }
  return -1
}
