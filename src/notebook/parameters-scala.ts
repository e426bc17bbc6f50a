/** Parameters of a Scala cell. */
import type { Json } from "#base/json.ts"
import type { Grammar } from "#notebook/grammars.ts"
import { type Escapes, negated, numberJson, numberLiteral, unescaped } from "#notebook/parameters-literal.ts"
import { allLiterals, childOf, DEEPEST, type Declaration, nodesOf, type Reading, type Syntax, textOf } from "#notebook/parameters-syntax.ts"

const ESCAPES: Escapes = {
  simple: { "\\": "\\", "'": "'", '"': '"', b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" },
  u: "full",
  unknown: "fail",
}
const DEFINITIONS = new Set(["val_definition", "var_definition", "val_declaration", "var_declaration"])
const SKIPPED = new Set(["(", ")", ",", "comment", "block_comment"])
const SEQUENCES = new Set(["Seq", "List", "Vector", "Array", "Set", "IndexedSeq"])

export function readScala(source: string, grammar: Grammar): Reading {
  const root = grammar(source)
  return {
    declarations: root.children.filter((node) => DEFINITIONS.has(node.kind)).flatMap((node) => declarationOf(source, node)),
    comments: nodesOf(root, (node) => node.kind === "comment" || node.kind === "block_comment"),
    brokenAt: nodesOf(root, (node) => node.broken).map((node) => node.from),
  }
}

/** `val name: T = value`, or without a value. */
function declarationOf(source: string, node: Syntax): Declaration[] {
  const parts = node.children.filter((child) => child.kind !== "modifiers" && !child.kind.endsWith("comment"))
  const [, name, ...rest] = parts
  if (name?.kind !== "identifier") return []
  const equals = rest.findIndex((child) => child.kind === "=")
  const value = equals < 0 ? undefined : rest[equals + 1]
  const type = rest[0]?.kind === ":" ? rest[1] : undefined
  if (value?.kind === "lambda_expression") return []
  return [
    {
      name: textOf(source, name),
      from: node.from,
      to: node.to,
      typeText: textOf(source, type),
      valueText: textOf(source, value),
      value: value && literal(source, value),
      required: value === undefined,
    },
  ]
}

function itemsOf(node: Syntax | undefined): Syntax[] {
  return (node?.children ?? []).filter((child) => !SKIPPED.has(child.kind))
}

function literal(source: string, node: Syntax, depth = 0): Json | undefined {
  if (depth > DEEPEST) return undefined
  const inner = (child: Syntax) => literal(source, child, depth + 1)
  switch (node.kind) {
    case "integer_literal":
    case "floating_point_literal":
      return number(textOf(source, node))
    case "boolean_literal":
      return textOf(source, node) === "true"
    case "null_literal":
      return null
    case "identifier":
      return textOf(source, node) === "None" || textOf(source, node) === "Nil" ? (textOf(source, node) === "Nil" ? [] : null) : undefined
    case "string":
    case "character_literal":
      return text(textOf(source, node))
    case "parenthesized_expression":
      return itemsOf(node).length === 1 ? inner(itemsOf(node)[0] as Syntax) : undefined
    case "tuple_expression":
      return allLiterals(itemsOf(node), inner)
    case "prefix_expression":
      return textOf(source, node.children[0]) === "-" ? negated(node.children[1] && inner(node.children[1])) : undefined
    case "field_expression":
      return unreal(textOf(source, node))
    case "call_expression":
      return call(source, node, inner)
    default:
      return undefined
  }
}

function number(written: string): Json | undefined {
  const plain = written.replace(/[lL]$/, "")
  const bare = /^-?0x/i.test(plain) ? plain : plain.replace(/[fFdD]$/, "")
  return bare.startsWith("-") ? negated(numberLiteral(bare.slice(1))) : numberLiteral(bare)
}

function unreal(written: string): Json | undefined {
  const word = /^(?:Double|Float)\.(NaN|PositiveInfinity|NegativeInfinity)$/.exec(written)?.[1]
  return word && numberJson(word.replace("PositiveInfinity", "Infinity").replace("NegativeInfinity", "-Infinity"))
}

/** Seq(…), List(…), Map("k" -> v), Some(v), with or without type arguments. */
function call(source: string, node: Syntax, inner: (node: Syntax) => Json | undefined): Json | undefined {
  const name = /^[A-Za-z]+/.exec(textOf(source, node.children[0]))?.[0] ?? ""
  const inside = itemsOf(childOf(node, "arguments"))
  if (SEQUENCES.has(name)) return allLiterals(inside, inner)
  if (name === "Some" || name === "Option" || name === "BigInt" || name === "BigDecimal")
    return inside.length === 1 ? inner(inside[0] as Syntax) : undefined
  return name === "Map" ? map(source, inside, inner) : undefined
}

function map(source: string, pairs: readonly Syntax[], inner: (node: Syntax) => Json | undefined): Json | undefined {
  const entries: [string, Json][] = []
  for (const pair of pairs) {
    const [key, arrow, value] = pair.children
    const isPair = pair.kind === "infix_expression" && textOf(source, arrow) === "->" && key && value
    const name = isPair ? inner(key) : undefined
    const item = isPair ? inner(value) : undefined
    if (item === undefined || typeof name !== "string") return undefined
    entries.push([name, item])
  }
  return Object.fromEntries(entries)
}

function text(written: string): string | undefined {
  const long = /^"""([\s\S]*)"""$/.exec(written)
  if (long) return long[1]
  const short = /^(["'])([\s\S]*)\1$/.exec(written)
  return short ? unescaped(short[2] ?? "", ESCAPES) : undefined
}
