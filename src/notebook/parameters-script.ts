/** Parameters of a JavaScript or TypeScript cell. */
import { parser } from "@lezer/javascript"
import type { Json } from "#base/json.ts"
import { type Escapes, negated, numberJson, numberLiteral, unescaped } from "#notebook/parameters-literal.ts"
import {
  allLiterals,
  childOf,
  DEEPEST,
  type Declaration,
  type LezerParser,
  nodesOf,
  parsedBy,
  type Reading,
  type Syntax,
  textOf,
} from "#notebook/parameters-syntax.ts"

const TYPESCRIPT: LezerParser = parser.configure({ dialect: "ts" })
const ESCAPES: Escapes = {
  simple: { "\\": "\\", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v", "\n": "" },
  x: "two",
  u: "braces",
  unknown: "drop",
}
const CONSTANTS: ReadonlyMap<string, Json> = new Map([
  ["undefined", null],
  ["NaN", numberJson("NaN")],
  ["Infinity", numberJson("Infinity")],
])
const SKIPPED = new Set(["(", ")", "[", "]", "{", "}", "LineComment", "BlockComment"])

export function readScript(source: string): Reading {
  const { root, brokenAt } = parsedBy(TYPESCRIPT, source)
  return {
    declarations: root.children.flatMap((node) => declarationsOf(source, node)),
    comments: nodesOf(root, (node) => node.kind === "LineComment" || node.kind === "BlockComment"),
    brokenAt,
  }
}

function declarationsOf(source: string, statement: Syntax): Declaration[] {
  switch (statement.kind) {
    case "VariableDeclaration":
      return declared(source, statement)
    case "ExportDeclaration":
    case "AmbientDeclaration":
      return statement.children.filter((node) => node.kind === "VariableDeclaration").flatMap((node) => declared(source, node))
    case "ExpressionStatement":
      return assigned(source, statement)
    default:
      return []
  }
}

/** `let a: T = 1, b` is a row of names, types and values between commas; patterns are left out. */
function declared(source: string, statement: Syntax): Declaration[] {
  const constant = childOf(statement, "const") !== undefined
  const out: Declaration[] = []
  let row: Syntax[] = []
  const endRow = () => {
    const one = declarator(source, row)
    if (one) out.push({ ...one, constant, from: out.length === 0 ? statement.from : one.from })
    row = []
  }
  for (const child of statement.children) {
    if (child.kind === "," || child.kind === ";") endRow()
    else if (!child.kind.endsWith("Comment")) row.push(child)
  }
  endRow()
  return out
}

function declarator(source: string, row: readonly Syntax[]): Declaration | undefined {
  const name = row.find((node) => node.kind === "VariableDefinition")
  if (!name || row.some((node) => node.kind.endsWith("Pattern"))) return undefined
  const type = row.find((node) => node.kind === "TypeAnnotation")
  const equals = row.find((node) => node.kind === "Equals")
  const value = equals && row.find((node) => node.from >= equals.to && !node.broken)
  if (value && isFunction(value)) return undefined
  return {
    name: textOf(source, name),
    from: name.from,
    to: row.findLast((node) => node.to > node.from)?.to ?? name.to,
    typeText: textOf(source, type).replace(/^:\s*/, ""),
    valueText: textOf(source, value),
    value: value && literal(source, value),
    required: value === undefined,
  }
}

function assigned(source: string, statement: Syntax): Declaration[] {
  const [expression] = statement.children
  const [target, equals, value] = expression?.children ?? []
  if (expression?.kind !== "AssignmentExpression" || target?.kind !== "VariableName" || equals?.kind !== "Equals" || !value || isFunction(value))
    return []
  const from = statement.from
  return [
    {
      name: textOf(source, target),
      from,
      to: value.to,
      typeText: "",
      valueText: textOf(source, value),
      value: literal(source, value),
      required: false,
    },
  ]
}

function isFunction(node: Syntax): boolean {
  return node.kind === "ArrowFunction" || node.kind === "FunctionExpression" || node.kind === "ClassExpression"
}

function literal(source: string, node: Syntax, depth = 0): Json | undefined {
  if (depth > DEEPEST || node.children.some((child) => child.broken)) return undefined
  const inner = (child: Syntax) => literal(source, child, depth + 1)
  switch (node.kind) {
    case "Number":
      return numberLiteral(textOf(source, node).replace(/n$/, ""))
    case "BooleanLiteral":
      return textOf(source, node) === "true"
    case "null":
      return null
    case "VariableName":
      return CONSTANTS.get(textOf(source, node))
    case "String":
    case "TemplateString":
      return text(source, node)
    case "UnaryExpression":
      return signed(source, node, inner)
    case "ParenthesizedExpression":
      return itemsOf(node).length === 1 ? inner(itemsOf(node)[0] as Syntax) : undefined
    case "ArrayExpression":
      return array(node, inner)
    case "ObjectExpression":
      return object(source, node, inner)
    case "BinaryExpression":
      return childOf(node, "as", "satisfies") ? inner(node.children[0] as Syntax) : undefined
    default:
      return undefined
  }
}

function itemsOf(node: Syntax): Syntax[] {
  return node.children.filter((child) => !SKIPPED.has(child.kind))
}

function signed(source: string, node: Syntax, inner: (node: Syntax) => Json | undefined): Json | undefined {
  const [sign, operand] = node.children
  const mark = textOf(source, sign)
  if (!operand || (mark !== "-" && mark !== "+")) return undefined
  const minus = negated(inner(operand))
  return mark === "-" ? minus : negated(minus)
}

/** [1, , 2] has a hole, which is no literal. */
function array(node: Syntax, inner: (node: Syntax) => Json | undefined): Json | undefined {
  const items = itemsOf(node)
  if (items.some((item, at) => item.kind === "," && (at === 0 || items[at - 1]?.kind === ","))) return undefined
  return allLiterals(
    items.filter((item) => item.kind !== ","),
    inner,
  )
}

function object(source: string, node: Syntax, inner: (node: Syntax) => Json | undefined): Json | undefined {
  const entries: [string, Json][] = []
  for (const property of itemsOf(node).filter((child) => child.kind !== ",")) {
    const [key, colon, value] = property.children
    const item = property.kind === "Property" && colon?.kind === ":" && value ? inner(value) : undefined
    const name = key && (key.kind === "PropertyDefinition" || key.kind === "Number" ? textOf(source, key) : inner(key))
    if (item === undefined || typeof name !== "string") return undefined
    entries.push([name, item])
  }
  return Object.fromEntries(entries)
}

function text(source: string, node: Syntax): string | undefined {
  const written = textOf(source, node)
  if (childOf(node, "Interpolation") || written.length < 2 || written.at(0) !== written.at(-1)) return undefined
  return unescaped(written.slice(1, -1).replace(/\r\n?/g, "\n"), ESCAPES)
}
