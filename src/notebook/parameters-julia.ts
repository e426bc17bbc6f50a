/** Parameters of a Julia cell. */
import { parser } from "@plutojl/lezer-julia"
import type { Json } from "#base/json.ts"
import { type Escapes, negated, numberJson, numberLiteral, unescaped } from "#notebook/parameters-literal.ts"
import { allLiterals, childOf, DEEPEST, type Declaration, nodesOf, parsedBy, type Reading, type Syntax, textOf } from "#notebook/parameters-syntax.ts"

const ESCAPES: Escapes = {
  simple: {
    "\\": "\\",
    "'": "'",
    '"': '"',
    $: "$",
    a: "\x07",
    b: "\b",
    e: "\x1b",
    f: "\f",
    n: "\n",
    r: "\r",
    t: "\t",
    v: "\v",
  },
  u: "fewer",
  octal: true,
  unknown: "fail",
}
const CONSTANTS: ReadonlyMap<string, Json> = new Map([
  ["nothing", null],
  ["missing", null],
  ["Inf", numberJson("Infinity")],
  ["NaN", numberJson("NaN")],
])
const PUNCTUATION = new Set(["(", ")", "[", "]", "{", "}", ",", ";", "LineComment", "BlockComment"])

export function readJulia(source: string): Reading {
  const { root, brokenAt } = parsedBy(parser, source)
  return {
    declarations: root.children.flatMap((node) => declarationsOf(source, node)),
    comments: nodesOf(root, (node) => node.kind === "LineComment" || node.kind === "BlockComment"),
    brokenAt,
  }
}

function declarationsOf(source: string, statement: Syntax): Declaration[] {
  if (statement.kind === "ConstStatement" || statement.kind === "GlobalStatement") {
    return statement.children.flatMap((node) => declarationsOf(source, node)).map((found) => ({ ...found, from: statement.from }))
  }
  if (statement.kind === "BinaryExpression") {
    const named = nameAndType(source, statement)
    return named?.typeText ? [{ ...named, from: statement.from, to: statement.to, valueText: "", value: undefined, required: true }] : []
  }
  const [target, operator, value] = statement.children
  if (statement.kind !== "Assignment" || operator?.kind !== "AssignmentOp" || !target || !value) return []
  const span = { from: statement.from, to: statement.to }
  if (target.kind === "OpenTuple" || target.kind === "TupleExpression") return paired(source, target, value, span)
  const named = nameAndType(source, target)
  if (!named) return []
  // x = y = 2: y is set too, and both to 2.
  const inner = value.kind === "Assignment" ? declarationsOf(source, value) : []
  const [same] = inner
  return [
    { ...named, ...span, valueText: same?.valueText ?? textOf(source, value), value: same ? same.value : literal(source, value), required: false },
    ...inner,
  ]
}

function paired(source: string, target: Syntax, value: Syntax, span: { readonly from: number; readonly to: number }): Declaration[] {
  const names = itemsOf(target)
  const values = value.kind === "OpenTuple" || value.kind === "TupleExpression" ? itemsOf(value) : []
  if (names.length !== values.length || names.some((node) => node.kind !== "Identifier")) return []
  return names.map((node, at) => {
    const one = values[at] as Syntax
    return { name: textOf(source, node), ...span, typeText: "", valueText: textOf(source, one), value: literal(source, one), required: false }
  })
}

function nameAndType(source: string, node: Syntax): { readonly name: string; readonly typeText: string } | undefined {
  if (node.kind === "Identifier") return { name: textOf(source, node), typeText: "" }
  const [name, operator, type] = node.children
  if (node.kind !== "BinaryExpression" || operator?.kind !== "SubTypeOp" || textOf(source, operator) !== "::" || name?.kind !== "Identifier")
    return undefined
  return { name: textOf(source, name), typeText: textOf(source, type) }
}

function itemsOf(node: Syntax | undefined): Syntax[] {
  return (node?.children ?? []).filter((child) => !PUNCTUATION.has(child.kind))
}

function literal(source: string, node: Syntax, depth = 0): Json | undefined {
  if (depth > DEEPEST || node.children.some((child) => child.broken)) return undefined
  const inner = (child: Syntax) => literal(source, child, depth + 1)
  switch (node.kind) {
    case "IntegerLiteral":
    case "FloatLiteral":
      return numberLiteral(textOf(source, node).replace(/(?<=[0-9.])f(?=[-+0-9])/, "e"))
    case "BoolLiteral":
      return textOf(source, node) === "true"
    case "Identifier":
      return CONSTANTS.get(textOf(source, node))
    case "StringLiteral":
      return text(source, node)
    case "CharLiteral":
      return unescaped(textOf(source, node).slice(1, -1), ESCAPES)
    case "UnaryExpression":
      return signed(source, node, inner)
    case "ParenExpression":
      return itemsOf(node).length === 1 ? inner(itemsOf(node)[0] as Syntax) : undefined
    case "VectorExpression":
    case "TupleExpression":
      return allLiterals(itemsOf(node), inner)
    case "IndexExpression":
      return typedVector(source, node, inner)
    case "CallExpression":
      return dictionary(source, node, inner)
    default:
      return undefined
  }
}

function signed(source: string, node: Syntax, inner: (node: Syntax) => Json | undefined): Json | undefined {
  const [sign, operand] = node.children
  const mark = textOf(source, sign)
  if (!operand || (mark !== "-" && mark !== "+")) return undefined
  const minus = negated(inner(operand))
  return mark === "-" ? minus : negated(minus)
}

/** String["a", "b"], Int[]: the type of the elements, then the elements. */
function typedVector(source: string, node: Syntax, inner: (node: Syntax) => Json | undefined): Json | undefined {
  const [type, vector] = node.children
  const isType = type !== undefined && /^[A-Z]/.test(textOf(source, type))
  return isType && vector?.kind === "VectorExpression" ? inner(vector) : undefined
}

/** Dict("a" => 1, :b => 2), with or without type parameters; keys become text. */
function dictionary(source: string, node: Syntax, inner: (node: Syntax) => Json | undefined): Json | undefined {
  const [callee] = node.children
  if (!/^Dict\b/.test(textOf(source, callee))) return undefined
  const entries: [string, Json][] = []
  for (const pair of itemsOf(childOf(node, "Arguments"))) {
    const [key, , value] = pair.children
    const isPair = pair.kind === "BinaryExpression" && childOf(pair, "PairOp") !== undefined
    const item = isPair && value ? inner(value) : undefined
    const name = key?.kind === "Symbol" ? textOf(source, key).slice(1) : key && inner(key)
    if (item === undefined || name === undefined || typeof name === "object") return undefined
    entries.push([String(name), item])
  }
  return Object.fromEntries(entries)
}

/** A text into which nothing is interpolated. */
function text(source: string, node: Syntax): string | undefined {
  if (node.children.some((child) => child.kind === "$" || child.kind === "ParenExpression" || child.kind === "Identifier")) return undefined
  const written = textOf(source, node).replace(/\r\n?/g, "\n")
  if (!written.startsWith('"""')) return /^"[\s\S]*"$/.test(written) ? unescaped(written.slice(1, -1), ESCAPES) : undefined
  return /^"""[\s\S]*"""$/.test(written) ? unescaped(dedented(written.slice(3, -3)), ESCAPES) : undefined
}

/** In """ … """ a newline right after the quotes is dropped, and so is the indentation that all lines have. */
function dedented(body: string): string {
  const lines = body.replace(/^\n/, "").split("\n")
  const counted = lines.filter((line, at) => (at > 0 || body.startsWith("\n")) && (line.trim() !== "" || at === lines.length - 1))
  const indent = Math.min(...counted.map((line) => /^[ \t]*/.exec(line)?.[0].length ?? 0))
  return Number.isFinite(indent)
    ? lines.map((line, at) => (at > 0 || body.startsWith("\n") ? line.slice(indent) : line)).join("\n")
    : lines.join("\n")
}
