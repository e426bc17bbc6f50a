/** Parameters of a Bash cell. */
import type { Json } from "#base/json.ts"
import type { Grammar } from "#notebook/grammars.ts"
import { type Escapes, numberJson, unescaped } from "#notebook/parameters-literal.ts"
import { allLiterals, childOf, type Declaration, nodesOf, type Reading, type Syntax, textOf } from "#notebook/parameters-syntax.ts"
import type { ParameterType } from "#notebook/parameters-type.ts"

/** $'…' */
const ANSI: Escapes = {
  simple: { "\\": "\\", "'": "'", '"': '"', "?": "?", a: "\x07", b: "\b", e: "\x1b", E: "\x1b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" },
  x: "upToTwo",
  u: "fewer",
  octal: true,
  unknown: "keep",
}
/** "…" */
const QUOTED: Escapes = { simple: { $: "$", "`": "`", '"': '"', "\\": "\\", "\n": "" }, unknown: "keep" }
const BARE: Escapes = { simple: { "\n": "" }, unknown: "drop" }

export function readBash(source: string, grammar: Grammar): Reading {
  const root = grammar(source)
  return {
    declarations: root.children.flatMap((node) => declarationsOf(source, node)),
    comments: nodesOf(root, (node) => node.kind === "comment"),
    brokenAt: nodesOf(root, (node) => node.broken).map((node) => node.from),
  }
}

function declarationsOf(source: string, statement: Syntax): Declaration[] {
  if (statement.kind === "variable_assignment") return assigned(source, statement, statement)
  if (statement.kind === "variable_assignments") return statement.children.flatMap((node) => assigned(source, node, node))
  if (statement.kind === "command") return [...demanded(source, statement), ...runInto(source, statement)]
  if (statement.kind !== "declaration_command") return []
  const options = statement.children.filter((node) => node.kind === "word" && /^-/.test(textOf(source, node))).map((node) => textOf(source, node))
  // A name reference is another variable's; an associative array has no literal that is read here.
  if (options.some((option) => /[nA]/.test(option))) return []
  // An integer variable evaluates what it is given: nothing but digits may reach it.
  const type: { type?: ParameterType } = options.some((option) => option.includes("i")) ? { type: { kind: "integer" } } : {}
  const constant = /^readonly|^declare\s+-\w*r/.test(textOf(source, statement))
  if (constant) return []
  return statement.children.flatMap((node) => assigned(source, node, statement)).map((found) => ({ ...found, ...type }))
}

/** `a=1 b=2`, a newline and a command: the grammar sometimes takes all for one command with an environment of its own. */
function runInto(source: string, statement: Syntax): Declaration[] {
  const name = statement.children.findIndex((node) => node.kind === "command_name")
  const before = statement.children.slice(0, Math.max(0, name)).filter((node) => node.kind === "variable_assignment")
  const isRunInto = source.slice(before.at(-1)?.to ?? 0, statement.children[name]?.from ?? 0).includes("\n")
  return before.length > 0 && isRunInto ? before.flatMap((node) => assigned(source, node, node)) : []
}

/** `: "${x:?why}"` says that x must be given. */
function demanded(source: string, statement: Syntax): Declaration[] {
  if (textOf(source, childOf(statement, "command_name")) !== ":") return []
  return nodesOf(statement, (node) => node.kind === "expansion").flatMap((node) => {
    const fallback = expansionOf(source, node)
    const name = textOf(source, childOf(node, "variable_name"))
    if (!fallback || name === "") return []
    const { required, text } = fallback
    return [
      {
        name,
        from: statement.from,
        to: statement.to,
        typeText: "",
        valueText: required ? "" : text,
        value: required ? undefined : guessed(text),
        required,
      },
    ]
  })
}

function assigned(source: string, node: Syntax, statement: Syntax): Declaration[] {
  const name = childOf(node, "variable_name")
  const equals = childOf(node, "=")
  if (node.kind !== "variable_assignment" || !name || !equals || node.children.some((child) => child.broken)) return []
  const value = node.children.find((child) => child.from >= equals.to && child.kind !== "=")
  const fallback = value && soleExpansion(source, value, textOf(source, name))
  const common = { name: textOf(source, name), from: statement.from, to: node.to, typeText: "", valueText: textOf(source, value) }
  if (fallback) return [{ ...common, value: fallback.required ? undefined : guessed(fallback.text), required: fallback.required }]
  return [{ ...common, value: value ? literal(source, value) : "", required: false }]
}

type Fallback = { readonly required: boolean; readonly text: string }

/** "${x:-3}" in the assignment of x itself: the default is 3; ${x:?why}: there is none. */
function soleExpansion(source: string, value: Syntax, name: string): Fallback | undefined {
  const inside = value.kind === "string" ? value.children.filter((child) => child.kind !== '"') : [value]
  const [only] = inside
  if (inside.length !== 1 || only?.kind !== "expansion" || textOf(source, childOf(only, "variable_name")) !== name) return undefined
  return expansionOf(source, only)
}

function expansionOf(source: string, node: Syntax): Fallback | undefined {
  const parts = /^\$\{\w+(:?[-=?])([\s\S]*)\}$/.exec(textOf(source, node))
  const text = parts?.[2] ?? ""
  if (!parts || (/[$`"'\\]/.test(text) && !parts[1]?.endsWith("?"))) return undefined
  return { required: parts[1]?.endsWith("?") ?? false, text }
}

/** A shell's values are text; one that is plainly a number or a truth value is taken for one. */
function guessed(text: string): Json {
  if (text === "true" || text === "false") return text === "true"
  return /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$/.test(text) ? numberJson(text) : text
}

function literal(source: string, node: Syntax): Json | undefined {
  if (node.kind !== "array") return node.kind === "number" || node.kind === "word" ? bare(textOf(source, node)) : text(source, node)
  return allLiterals(
    node.children.filter((child) => child.kind !== "(" && child.kind !== ")" && child.kind !== "comment"),
    (child) => (child.kind === "number" || child.kind === "word" ? bare(textOf(source, child)) : text(source, child)),
  )
}

function bare(written: string): Json | undefined {
  if (/[*?[\]{}~]/.test(written)) return undefined
  return written.includes("\\") ? unescaped(written, BARE) : guessed(written)
}

/** What text a word stands for; undefined when the shell would have to compute it. */
function text(source: string, node: Syntax): string | undefined {
  const written = textOf(source, node)
  switch (node.kind) {
    case "number":
    case "word":
      return /[*?[\]{}~]/.test(written) ? undefined : unescaped(written, BARE)
    case "raw_string":
      return written.slice(1, -1)
    case "ansi_c_string":
      return unescaped(written.slice(2, -1), ANSI)
    case "string":
      return node.children.every((child) => child.kind === '"' || child.kind === "string_content")
        ? unescaped(written.slice(1, -1), QUOTED)
        : undefined
    case "concatenation": {
      const parts = node.children.map((child) => text(source, child))
      return parts.every((part) => part !== undefined) ? parts.join("") : undefined
    }
    default:
      return undefined
  }
}
