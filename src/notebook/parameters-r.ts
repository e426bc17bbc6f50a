/** Parameters of an R cell. */
import { parser } from "lezer-r"
import type { Json } from "#base/json.ts"
import { type Escapes, negated, numberJson, numberLiteral, unescaped } from "#notebook/parameters-literal.ts"
import { cutR } from "#notebook/parameters-r-source.ts"
import {
  allLiterals,
  childOf,
  DEEPEST,
  type Declaration,
  looselyParsedBy,
  parsedBy,
  type Reading,
  type Syntax,
  textOf,
} from "#notebook/parameters-syntax.ts"

const LONGEST_HEAD = 2_000

const ESCAPES: Escapes = {
  simple: { "\\": "\\", "'": "'", '"': '"', "`": "`", a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v", "\n": "\n" },
  x: "upToTwo",
  u: "fewer",
  octal: true,
  unknown: "fail",
}

export function readR(source: string): Reading {
  const cut = cutR(source)
  return {
    declarations: cut.statements.flatMap(({ from, to }) => declarationIn(source, cut.masked, { from, to })),
    comments: cut.comments.map(({ from, to }) => ({ kind: "Comment", from, to, children: [], broken: false })),
    brokenAt: [],
  }
}

type Span = { readonly from: number; readonly to: number }
type Statement = { readonly source: string; readonly masked: string }

/** Only a statement that is an assignment from its first character on; a function is not a parameter. */
function declarationIn(source: string, masked: string, { from, to }: Span): Declaration[] {
  const written = masked.slice(from, to)
  const { root: strict, brokenAt } = parsedBy(parser, written)
  // The grammar does not know all of R: of what it cannot read the name is still wanted.
  const root = brokenAt.length === 0 ? strict : looselyParsedBy(parser, written.slice(0, LONGEST_HEAD))
  const [first, second] = root.children
  const assignment = leftmost(first)
  const named = assignment && namedBy(source.slice(from, to), assignment)
  if (!named) return []
  const at = from + named.valueFrom
  const valueText = source.slice(at, to).trim()
  const text = { source: source.slice(from, to), masked: masked.slice(from, to) }
  const value = brokenAt.length === 0 && first === assignment && second === undefined ? literal(text, named.value) : undefined
  if (named.value?.kind === "FunctionDeclaration") return []
  return [{ name: named.name, from, to, typeText: "", valueText, value, required: false }]
}

/** `x <- a + b` comes as (x <- a) + b. */
function leftmost(node: Syntax | undefined, depth = 0): Syntax | undefined {
  if (!node || depth > DEEPEST) return undefined
  if (node.kind === "BinaryStatement" && node.children[0]?.from === node.from) return leftmost(node.children[0], depth + 1)
  return node.kind === "VariableAssignment" ? node : undefined
}

function namedBy(
  statement: string,
  node: Syntax,
): { readonly name: string; readonly value: Syntax | undefined; readonly valueFrom: number } | undefined {
  const target = childOf(node, "Assignable")
  const operator = childOf(node, "AssignmentOperator")
  const [only] = target?.children ?? []
  if (!target || !operator || target.children.length !== 1 || only?.kind !== "Identifier") return undefined
  if (!["<-", "=", "<<-"].includes(textOf(statement, operator))) return undefined
  return { name: textOf(statement, only), value: node.children.find((child) => child.from >= operator.to), valueFrom: operator.to }
}

function literal(r: Statement, node: Syntax | undefined, depth = 0): Json | undefined {
  if (!node || depth > DEEPEST) return undefined
  switch (node.kind) {
    case "Numeric":
    case "Integer":
      return number(r, node)
    case "True":
      return true
    case "False":
      return false
    case "Null":
    case "NA":
      return null
    case "Inf":
    case "NaN":
      return withSign(r, node, numberJson(node.kind === "Inf" ? "Infinity" : "NaN"))
    case "String":
      return text(textOf(r.source, node))
    case "FunctionCall":
      return call(r, node, depth)
    default:
      return undefined
  }
}

function number(r: Statement, node: Syntax): Json | undefined {
  const written = textOf(r.source, node)
  const value = numberLiteral(written.replace(/L$/, ""))
  return value === undefined ? undefined : withSign(r, node, asWritten(value, written))
}

/** 10 is a double in R, 10L an integer; 1e5L is the integer 100000. */
function asWritten(value: Json, written: string): Json {
  return written.endsWith("L") && typeof value === "object" ? numberJson(String(Math.trunc(Number(written.slice(0, -1))))) : value
}

/** Signs of numbers were masked before parsing: what is "-" in the source and a blank in what was parsed. */
function withSign(r: Statement, node: Syntax, value: Json): Json | undefined {
  let minus = false
  for (let at = node.from - 1; at >= 0 && r.masked[at]?.trim() === ""; at--) minus = minus !== (r.source[at] === "-")
  return minus ? negated(value) : value
}

/** c(…) and list(…) of literals: a map when every element has a name, a list when none has. */
function call(r: Statement, node: Syntax, depth: number): Json | undefined {
  const name = textOf(r.source, childOf(node, "Identifier"))
  const inside = childOf(node, "ArgList")?.children ?? []
  if (["character", "integer", "numeric", "logical", "vector"].includes(name) && inside.length === 0) return []
  if ((name !== "c" && name !== "list") || inside.some((child) => child.broken)) return undefined
  const names = inside.flatMap((child) => (child.kind === "NamedArg" ? [nameOf(r, child)] : []))
  const values = allLiterals(
    inside.filter((child) => child.kind !== "NamedArg"),
    (child) => literal(r, child, depth + 1),
  )
  if (!values || (names.length > 0 && names.length !== values.length)) return undefined
  return names.length === 0 ? values : Object.fromEntries(names.map((key, at) => [key, values[at] as Json]))
}

function nameOf(r: Statement, node: Syntax): string {
  const [name] = node.children
  const written = textOf(r.source, name)
  return name?.kind === "String" ? (text(written) ?? written) : written
}

function text(written: string): string | undefined {
  const raw = /^[rR](["'])(-*)[[({]([\s\S]*)[\])}]\2\1$/.exec(written)
  if (raw) return raw[3]
  const plain = /^(["'])([\s\S]*)\1$/.exec(written)
  if (!plain || /\\[uU]\{/.test(written)) return undefined
  return unescaped(plain[2] ?? "", ESCAPES)
}
