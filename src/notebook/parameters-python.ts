/** Parameters of a Python cell. */
import { parser } from "@lezer/python"
import type { Json } from "#base/json.ts"
import { type Escapes, negated, numberJson, numberLiteral, unescaped } from "#notebook/parameters-literal.ts"
import { allLiterals, childOf, DEEPEST, type Declaration, nodesOf, parsedBy, type Reading, type Syntax, textOf } from "#notebook/parameters-syntax.ts"

const ESCAPES: Escapes = {
  simple: { "\\": "\\", "'": "'", '"': '"', a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v", "\n": "" },
  x: "two",
  u: "full",
  octal: true,
  unknown: "keep",
}

const TEXT_OR_COMMENT = /#[^\n]*|("""|''')[\s\S]*?(?:(?<!\\)\1|$(?![\s\S]))|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?/g
// Of a line without the blanks around it.
const MAGIC = /^(?:[%!?]|[\w.]+\?{1,2}$|[^#"']*=[ \t]*[!%][a-zA-Z])/

/** Values by dotted name: the members of the enumerations that the cell defines. */
type Names = ReadonlyMap<string, Json>

export function readPython(source: string): Reading {
  const { root, brokenAt } = parsedBy(parser, withDigits(withoutMagics(source)))
  const statements = root.children.flatMap((node) => (node.kind === "StatementGroup" ? node.children : [node]))
  const enums = statements.filter((node) => node.kind === "ClassDefinition").flatMap((node) => enumOf(source, node))
  const names: Names = new Map(enums.flatMap(({ name, members }) => members.map(([member, value]) => [`${name}.${member}`, value] as const)))
  return {
    declarations: statements.filter((node) => node.kind === "AssignStatement").flatMap((node) => declarationsOf(source, node, names)),
    comments: nodesOf(root, (node) => node.kind === "Comment"),
    brokenAt,
    classes: new Map(enums.map(({ name, members }) => [name, { kind: "choice", of: members.map(([, value]) => value) }])),
  }
}

/** IPython's own lines (`%matplotlib inline`, `!pip …`, `help?`) are blanked out, offsets kept, unless they stand inside a text. */
function withoutMagics(source: string): string {
  const isMagic = (line: string) => MAGIC.test(line.trim())
  if (!source.split("\n").some(isMagic)) return source
  const long = Array.from(source.matchAll(TEXT_OR_COMMENT)).filter((match) => match[1] !== undefined)
  const inText = (at: number) => long.some((match) => match.index < at && at < match.index + match[0].length)
  // A shell command goes on after a line's last backslash.
  let goesOn = false
  return source.replace(/[^\n]+/g, (line, at: number) => {
    const isOwn = goesOn || (isMagic(line) && !inText(at))
    goesOn = isOwn && line.trimEnd().endsWith("\\")
    return isOwn ? line.replace(/[^\r]/g, " ") : line
  })
}

/** The grammar does not know `1.`: the dot is parsed as a digit, and read as what it is. */
function withDigits(source: string): string {
  return source.replace(/(?<![\w.])([0-9][0-9_]*)\.(?=[eE][-+0-9]|[^\w.]|$)/g, (_, digits: string) => `${digits}0`)
}

/** `a: T = v`, `a = b = v`, `a, b = v, w`; targets that are no plain names are left out. */
function declarationsOf(source: string, statement: Syntax, names: Names): Declaration[] {
  const parts = statement.children.filter((node) => node.kind !== "Comment")
  const cut = parts.flatMap((node, at) => (node.kind === "AssignOp" ? [at] : []))
  const annotation = childOf(statement, "TypeDef")
  const typeText = annotation ? textOf(source, annotation).replace(/^:\s*/, "").trim() : ""
  const values = cut.length === 0 ? [] : parts.slice((cut.at(-1) ?? 0) + 1).filter((node) => node.kind !== ",")
  const groups = [0, ...cut.slice(0, -1).map((at) => at + 1)].map((start, i) => parts.slice(start, cut[i] ?? parts.length))
  return groups.flatMap((group) => {
    const targets = targetsOf(group)
    return pairUp(targets, values).map(([target, value]) => ({
      name: textOf(source, target),
      from: statement.from,
      to: statement.to,
      typeText,
      ...valuePart(source, value, names),
    }))
  })
}

function targetsOf(group: readonly Syntax[]): Syntax[] {
  const [only] = group
  const inside = group.length === 1 && (only?.kind === "TupleExpression" || only?.kind === "ArrayExpression") ? only.children : group
  const targets = inside.filter((node) => !["TypeDef", ",", "(", ")", "[", "]"].includes(node.kind))
  return targets.every((node) => node.kind === "VariableName") ? targets : []
}

/** One target takes all that stands to the right; several take one value each, or nothing is known of them. */
function pairUp(targets: readonly Syntax[], values: readonly Syntax[]): (readonly [Syntax, readonly Syntax[]])[] {
  if (targets.length === 1 && targets[0]) return [[targets[0], values]]
  const [only] = values
  const opened = values.length === 1 && (only?.kind === "TupleExpression" || only?.kind === "ArrayExpression") ? itemsOf(only) : values
  return opened.length === targets.length ? targets.map((target, at) => [target, [opened[at] as Syntax]] as const) : []
}

function valuePart(source: string, nodes: readonly Syntax[], names: Names): Pick<Declaration, "valueText" | "value" | "required"> {
  const [first] = nodes
  const last = nodes.at(-1)
  if (!first || !last) return { valueText: "", value: undefined, required: true }
  const valueText = source.slice(first.from, last.to)
  if (nodes.length > 1) return { valueText, value: allLiterals(nodes, (node) => literal(source, node, names)), required: false }
  return { valueText, value: literal(source, first, names), required: first.kind === "Ellipsis" }
}

function itemsOf(node: Syntax): Syntax[] {
  return node.children.filter((child) => !["(", ")", "[", "]", "{", "}", ",", "Comment"].includes(child.kind))
}

function literal(source: string, node: Syntax, names: Names, depth = 0): Json | undefined {
  if (depth > DEEPEST || node.children.some((child) => child.broken)) return undefined
  const inner = (child: Syntax) => literal(source, child, names, depth + 1)
  switch (node.kind) {
    case "Number":
      return numberLiteral(textOf(source, node))
    case "Boolean":
      return textOf(source, node) === "True"
    case "None":
      return null
    case "String":
      return text(textOf(source, node))
    case "ContinuedString": {
      const parts = allLiterals(itemsOf(node), inner)
      return parts?.every((part) => typeof part === "string") ? parts.join("") : undefined
    }
    case "ParenthesizedExpression":
      return onlyOne(itemsOf(node), inner)
    case "UnaryExpression":
      return signed(source, node, inner)
    case "ArrayExpression":
    case "TupleExpression":
    case "SetExpression":
      return allLiterals(itemsOf(node), inner)
    case "DictionaryExpression":
      return dictionary(source, node, inner)
    case "MemberExpression":
      return names.get(textOf(source, node).replace(/\s|\.value$/g, ""))
    case "CallExpression":
      return unreal(textOf(source, node))
    default:
      return undefined
  }
}

function onlyOne(nodes: readonly Syntax[], inner: (node: Syntax) => Json | undefined): Json | undefined {
  return nodes.length === 1 && nodes[0] ? inner(nodes[0]) : undefined
}

function signed(source: string, node: Syntax, inner: (node: Syntax) => Json | undefined): Json | undefined {
  const [sign, operand] = node.children
  const mark = textOf(source, sign)
  if (!operand || (mark !== "-" && mark !== "+")) return undefined
  const minus = negated(inner(operand))
  return mark === "-" ? minus : negated(minus)
}

/** float("nan") and its kin, which have no literal of their own. */
function unreal(call: string): Json | undefined {
  const word = /^float\(\s*["']([-+]?)(nan|inf|infinity)["']\s*\)$/i.exec(call)
  if (!word) return undefined
  return numberJson(word[2]?.toLowerCase() === "nan" ? "NaN" : `${word[1]}Infinity`)
}

/** Keys become text, as JSON has no other. */
function dictionary(source: string, node: Syntax, inner: (node: Syntax) => Json | undefined): Json | undefined {
  const entries: [string, Json][] = []
  let key: Json | undefined
  let awaiting: "key" | "colon" | "value" | "comma" = "key"
  for (const child of node.children.filter((one) => !["{", "}", "Comment"].includes(one.kind))) {
    if (child.kind === "," && awaiting === "comma") awaiting = "key"
    else if (child.kind === ":" && awaiting === "colon") awaiting = "value"
    else if (awaiting === "key") {
      key = child.kind === "String" || child.kind === "ContinuedString" ? inner(child) : undefined
      if (typeof key !== "string" && child.kind === "Number") key = textOf(source, child)
      if (typeof key !== "string") return undefined
      awaiting = "colon"
    } else if (awaiting === "value") {
      const value = inner(child)
      if (value === undefined) return undefined
      entries.push([String(key), value])
      awaiting = "comma"
    } else return undefined
  }
  return Object.fromEntries(entries)
}

function text(written: string): string | undefined {
  const match = /^([a-zA-Z]*)("""|'''|"|')([\s\S]*)\2$/.exec(written)
  const [, prefix = "", , body = ""] = match ?? []
  if (!match || /[bf]/i.test(prefix)) return undefined
  const lines = body.replace(/\r\n?/g, "\n")
  if (/r/i.test(prefix)) return lines
  return lines.includes("\\N{") ? undefined : unescaped(lines, ESCAPES)
}

/** `class Color(Enum)` with members that are literals. */
function enumOf(source: string, node: Syntax): { readonly name: string; readonly members: readonly (readonly [string, Json])[] }[] {
  const bases = textOf(source, childOf(node, "ArgList"))
  if (!/\b(?:Enum|StrEnum|IntEnum|Flag|IntFlag)\b/.test(bases)) return []
  const body = childOf(node, "Body")?.children ?? []
  const members = body
    .flatMap((child) => (child.kind === "StatementGroup" ? child.children : [child]))
    .filter((child) => child.kind === "AssignStatement")
    .flatMap((child) => declarationsOf(source, child, new Map()))
    .flatMap((member): [string, Json][] => (member.value === undefined || member.name.startsWith("_") ? [] : [[member.name, member.value]]))
  return members.length === 0 ? [] : [{ name: textOf(source, childOf(node, "VariableName")), members }]
}
