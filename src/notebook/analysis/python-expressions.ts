/** What Python's expressions do with names, and what else the rules want to know of them: calls and texts. */
import type { Json } from "#base/json.ts"
import type { Argument, Body, Call, Chance, Definition, How, Import, NameEvent, Span, Text, Use } from "#notebook/analysis/names.ts"
import { MAGIC_LETTER, PRINT_LETTER, type PythonCell, YIELD_LETTER } from "#notebook/analysis/python-cell.ts"
import { lineMagic } from "#notebook/analysis/python-magics.ts"
import { atMost, both, outsideComprehension, outward } from "#notebook/analysis/python-scope.ts"
import { childOf, type Syntax } from "#notebook/parameters-syntax.ts"

/** A walk over one source; `out` and `facts` are filled on the way. */
export type Walk = {
  readonly source: string
  /** Where the source begins in its cell. */
  readonly offset: number
  readonly cell: PythonCell
  readonly out: NameEvent[]
  readonly facts: Facts
  readonly chance: Chance
  /** A handler of NameError stands around. */
  readonly soft: boolean
  /** A handler of ImportError stands around. */
  readonly guarded: boolean
  /** Any handler stands around, or a question whether a file is there. */
  readonly caught: boolean
  readonly inFunction: boolean
  /** The calls of the function around, but not of those inside it. */
  readonly ownCalls: Call[] | undefined
  /** What the function around declares global or nonlocal. */
  readonly declared: Set<string>
  /** The names of the class body that is being walked. */
  readonly members: Set<string> | undefined
  /** What a text here is the value of. */
  readonly holder: string
  /** A private letter is come across. */
  readonly onMagic: (walk: Walk, at: number) => void
}

export type Facts = {
  readonly calls: Call[]
  readonly texts: Text[]
  readonly imports: Import[]
}

export function text(walk: Walk, node: Syntax | undefined): string {
  return node ? walk.source.slice(node.from, node.to) : ""
}

export function spanOf(walk: Walk, node: Span): { readonly from: number; readonly to: number } {
  return { from: node.from + walk.offset, to: node.to + walk.offset }
}

export function visitAll(walk: Walk, nodes: readonly Syntax[]): void {
  for (const node of nodes) visit(walk, node)
}

/** An expression, or any part of one. */
export function visit(walk: Walk, node: Syntax): void {
  const handler = EXPRESSIONS.get(node.kind)
  if (handler) handler(walk, node)
  else visitAll(walk, node.children)
}

const EXPRESSIONS: ReadonlyMap<string, (walk: Walk, node: Syntax) => void> = new Map([
  ["VariableName", (walk: Walk, node: Syntax) => use(walk, node, false)],
  ["CallExpression", call],
  ["MemberExpression", (walk: Walk, node: Syntax) => member(walk, node, false)],
  ["ArgList", (walk: Walk, node: Syntax) => visitArguments(walk, node.children)],
  ["LambdaExpression", (walk: Walk, node: Syntax) => walk.out.push(...atMost(lambdaBody(walk, node).events, "unlikely"))],
  ["NamedExpression", named],
  ["ConditionalExpression", conditional],
  ["BinaryExpression", binary],
  ["ArrayComprehensionExpression", comprehension],
  ["SetComprehensionExpression", comprehension],
  ["DictionaryComprehensionExpression", comprehension],
  ["ComprehensionExpression", comprehension],
  ["DictionaryExpression", dictionary],
  ["String", (walk: Walk, node: Syntax) => noteText(walk, node)],
  ["FormatString", formatString],
  ["TypeDef", annotation],
])

function use(walk: Walk, node: Syntax, called: boolean, reads?: Use["reads"]): void {
  const name = text(walk, node).replace(PRINT_LETTER, "p")
  if (name.startsWith(MAGIC_LETTER)) walk.onMagic(walk, node.from)
  else if (!name.startsWith(YIELD_LETTER) && !walk.members?.has(name)) {
    const made: Use = { do: "use", name, ...spanOf(walk, node), chance: walk.chance, called, soft: walk.soft }
    walk.out.push(reads ? { ...made, reads } : made)
  }
}

/** `a.b.c` is a use of `a`, and says what is read of it. */
function member(walk: Walk, node: Syntax, called: boolean): void {
  const path: string[] = []
  let root: Syntax | undefined = node
  while (root?.kind === "MemberExpression" && root.children.at(-1)?.kind === "PropertyName") {
    path.unshift(text(walk, root.children.at(-1)))
    root = root.children[0]
  }
  if (root?.kind === "VariableName" && path.length > 0) use(walk, root, false, { path, called })
  else visitAll(walk, node.children)
}

export type Defining = {
  readonly how: How
  readonly bodies?: readonly Body[]
  readonly literal?: boolean
  readonly brings?: Definition["brings"]
  readonly value?: Syntax | undefined
}

export function define(walk: Walk, node: Syntax, { how, bodies = [], literal = false, brings, value }: Defining): void {
  const name = text(walk, node).replace(PRINT_LETTER, "p")
  if (walk.members && !walk.declared.has(name)) {
    walk.members.add(name)
    return
  }
  const span = spanOf(walk, node)
  const made: Definition = {
    do: "define",
    name,
    ...span,
    how,
    chance: walk.chance,
    bodies,
    literal,
    ...(brings ? { brings } : {}),
    ...givenAt(walk, value),
  }
  walk.out.push(walk.declared.has(name) ? { ...made, declared: true } : made)
}

function givenAt(walk: Walk, node: Syntax | undefined): Pick<Definition, "value"> {
  if (!node) return {}
  const isCall = node.kind === "CallExpression"
  const written = /^(?:CallExpression|MemberExpression|VariableName)$/.test(node.kind) ? dotted(walk, isCall ? node.children[0] : node) : ""
  return { value: { ...spanOf(walk, node), is: isCall ? "" : written, made: isCall ? written : "" } }
}

/** Assigns to a target: a name, a tuple of targets, an attribute, an element. */
export function bind(walk: Walk, node: Syntax, defining: Defining): void {
  switch (node.kind) {
    case "VariableName":
      return define(walk, node, defining)
    case "TupleExpression":
    case "ArrayExpression":
    case "ParenthesizedExpression":
      for (const child of node.children) bind(walk, child, { how: defining.how, value: defining.value })
      return
    case "MemberExpression":
      return bindMember(walk, node)
  }
}

const NAMESPACE = /^(?:globals|locals|vars)\(\s*\)$/

function bindMember(walk: Walk, node: Syntax): void {
  visitAll(walk, node.children)
  const [object, , key] = node.children
  if (NAMESPACE.test(text(walk, object))) {
    const name = key?.kind === "String" ? textValue(text(walk, key)) : undefined
    if (name === undefined || walk.inFunction) open(walk, node, "globals()[…]")
    else walk.out.push({ do: "define", name, ...spanOf(walk, node), how: "variable", chance: walk.chance, bodies: [], literal: false })
    return
  }
  modify(walk, node, true)
}

/** The name at the root of `a.b[c].d` is changed in place. */
export function modify(walk: Walk, node: Syntax, assigned = false): void {
  let root: Syntax | undefined = node
  while (root?.kind === "MemberExpression" || root?.kind === "CallExpression") root = root.children[0]
  if (root?.kind === "VariableName") walk.out.push({ do: "modify", name: text(walk, root), ...spanOf(walk, node), chance: walk.chance, assigned })
}

export function open(walk: Walk, node: Syntax, why: string): void {
  walk.out.push({ do: "open", why, ...spanOf(walk, node), chance: walk.chance })
}

/** `a.b.c`; `.c` where its root is no name. */
function dotted(walk: Walk, node: Syntax | undefined): string {
  const parts: string[] = []
  let at = node
  while (at?.kind === "MemberExpression" && at.children.at(-1)?.kind === "PropertyName") {
    parts.unshift(text(walk, at.children.at(-1)))
    at = at.children[0]
  }
  if (at?.kind === "VariableName") return [text(walk, at), ...parts].join(".")
  return parts.length === 0 ? "" : `.${parts.at(-1)}`
}

function call(walk: Walk, node: Syntax): void {
  const [callee, list] = node.children
  if (!callee) return
  if (callee.kind === "VariableName") use(walk, callee, true)
  else if (callee.kind === "MemberExpression") member(walk, callee, true)
  else visit(walk, callee)
  const args = argumentsOf(walk, list)
  const name = dotted(walk, callee)
  const { chance, inFunction, caught } = walk
  const made: Call = { callee: name, args, chance, inFunction, caught, ...spanOf(walk, node) }
  walk.facts.calls.push(made)
  walk.ownCalls?.push(made)
  if (list) visitArguments(walk, list.children)
  opening(walk, node, { name, args })
}

/** Calls that may bring names. */
function opening(walk: Walk, node: Syntax, { name, args }: { readonly name: string; readonly args: readonly Argument[] }): void {
  if (name === "exec" || name === "execfile") return open(walk, node, `${name}()`)
  const written = text(walk, node.children[0])
  if (/^(?:globals|locals|vars)\(\s*\)\.(?:update|setdefault)$/.test(written)) return open(walk, node, written)
  if (!/^(?:get_ipython\(\s*\)|ipython|ip|shell)\.\w+$/.test(written)) return
  const first = typeof args[0]?.literal === "string" ? args[0].literal : ""
  const method = written.replace(/^.*\./s, "")
  const magic = method === "magic" || method === "run_line_magic" ? first.replace(/^%/, "").split(/\s/)[0] : undefined
  if (magic !== undefined ? lineMagic(magic) === "opens" : /^(?:run_cell|run_code|ex|push|run_cell_magic|safe_execfile)$/.test(method))
    open(walk, node, `${method}()`)
}

function argumentsOf(walk: Walk, list: Syntax | undefined): readonly Argument[] {
  const parts = list?.children.filter((child) => !["(", ")", ",", "Comment"].includes(child.kind)) ?? []
  return parts.flatMap((part, at) => {
    if (part.kind === "AssignOp" || parts[at + 1]?.kind === "AssignOp") return []
    const name = parts[at - 1]?.kind === "AssignOp" ? text(walk, parts[at - 2]) : ""
    const begins = beginningOf(walk, part)
    const reads = part.kind === "VariableName" ? text(walk, part) : ""
    const member = part.kind === "MemberExpression" ? { member: dotted(walk, part) } : {}
    return [{ name, literal: literalOf(walk, part), ...(begins === undefined ? {} : { begins }), reads, ...member, ...spanOf(walk, part) }]
  })
}

function literalOf(walk: Walk, node: Syntax): Json | undefined {
  const written = text(walk, node)
  if (node.kind === "String") return textValue(written)
  if (node.kind === "Number") return Number(written.replaceAll("_", ""))
  if (node.kind === "Boolean") return written === "True"
  return node.kind === "None" ? null : undefined
}

/** What certainly stands at the beginning of a text that is put together: `f"a/{b}"`, `"a/" + b`, `"a/%s" % b`, `"a/{}".format(b)`. */
function beginningOf(walk: Walk, node: Syntax): string | undefined {
  const [first, operator] = node.children
  if (node.kind === "FormatString") {
    const opening = text(walk, node).slice(0, (first?.from ?? node.from) - node.from)
    return /[\\{}]/.test(opening) ? undefined : opening.replace(/^[a-zA-Z]*(?:"""|'''|"|')/, "")
  }
  if (node.kind === "BinaryExpression") {
    if (first?.kind !== "String") return first ? beginningOf(walk, first) : undefined
    const left = textValue(text(walk, first))
    return text(walk, operator) === "%" ? left?.split("%")[0] : text(walk, operator) === "+" ? left : undefined
  }
  const isFormat = node.kind === "CallExpression" && first?.children.at(-1)?.kind === "PropertyName" && text(walk, first.children.at(-1)) === "format"
  return isFormat && first.children[0]?.kind === "String" ? textValue(text(walk, first.children[0]))?.split(/[{}]/)[0] : undefined
}

/** `f(a, key=b)`: the key is no name of the notebook. */
function visitArguments(walk: Walk, parts: readonly Syntax[]): void {
  if (parts.some((part) => part.kind === "for")) return comprise(walk, parts)
  for (const [at, part] of parts.entries()) {
    const isKey = part.kind === "VariableName" && parts[at + 1]?.kind === "AssignOp"
    if (isKey && text(walk, parts[at + 1]) === "=") continue
    if (isKey) define(walk, part, { how: "variable" })
    else visit({ ...walk, holder: parts[at - 1]?.kind === "AssignOp" ? text(walk, parts[at - 2]) : "" }, part)
  }
}

function named(walk: Walk, node: Syntax): void {
  const [target, , value] = node.children
  if (value) visit(walk, value)
  if (target) define(walk, target, { how: "variable" })
}

/** `a if b else c`. */
function conditional(walk: Walk, node: Syntax): void {
  const [yes, , test, , no] = node.children
  if (test) visit(walk, test)
  const soft = walk.soft || asksForNames(text(walk, test))
  const caught = walk.caught || asksForFiles(text(walk, test))
  for (const branch of [yes, no]) if (branch) visit({ ...walk, soft, caught, chance: both(walk.chance, "likely") }, branch)
}

/** Whether a condition asks which names there are. */
export function asksForNames(condition: string): boolean {
  return /\b(?:globals|locals|vars|dir)\(\s*\)/.test(condition)
}

/** Whether a condition asks which files there are. */
export function asksForFiles(condition: string): boolean {
  return /\b(?:exists|isfile|isdir|is_file|is_dir|access|listdir|i?glob|scandir)\s*\(/.test(condition)
}

function binary(walk: Walk, node: Syntax): void {
  const [left, operator, ...rest] = node.children
  if (left) visit(walk, left)
  const isShort = ["and", "or"].includes(operator?.kind ?? "")
  const soft = walk.soft || (isShort && asksForNames(text(walk, left)))
  visitAll(isShort ? { ...walk, soft, chance: both(walk.chance, "likely") } : walk, rest)
}

function comprehension(walk: Walk, node: Syntax): void {
  comprise(walk, node.children)
}

/** The first iterable belongs outside; the rest sees the targets. */
function comprise(walk: Walk, parts: readonly Syntax[]): void {
  const firstFor = parts.findIndex((part) => part.kind === "for")
  const targets = new Set<string>()
  const inner: Walk = { ...walk, out: [], members: undefined, chance: both(walk.chance, "likely") }
  let mode: "target" | "expression" = "expression"
  let isFirst = true
  for (const part of parts.slice(firstFor)) {
    if (part.kind === "for") mode = "target"
    else if (part.kind === "in") mode = "expression"
    else if (mode === "target") targetNames(walk, part, targets)
    else {
      visit(isFirst ? walk : inner, part)
      isFirst = false
    }
  }
  visitAll(inner, parts.slice(0, Math.max(0, firstFor)))
  const outside = outsideComprehension(inner.out, targets)
  walk.out.push(...(walk.members ? outside.filter((event) => event.do !== "use" || !walk.members?.has(event.name)) : outside))
}

function targetNames(walk: Walk, node: Syntax, into: Set<string>): void {
  if (node.kind === "VariableName") into.add(text(walk, node))
  else for (const child of node.children) targetNames(walk, child, into)
}

function dictionary(walk: Walk, node: Syntax): void {
  for (const [at, part] of node.children.entries()) {
    const key = node.children[at - 1]?.kind === ":" ? node.children[at - 2] : undefined
    visit(key?.kind === "String" ? { ...walk, holder: textValue(text(walk, key)) ?? "" } : walk, part)
  }
}

function noteText(walk: Walk, node: Syntax): void {
  const value = textValue(text(walk, node))
  if (value !== undefined) walk.facts.texts.push({ value, holder: walk.holder, ...spanOf(walk, node) })
}

/** The text of a literal as far as paths and tokens go: doubled backslashes are single ones. */
export function textValue(written: string): string | undefined {
  const match = /^([a-zA-Z]*)("""|'''|"|')([\s\S]*)\2$/.exec(written)
  if (!match) return undefined
  const [, prefix = "", , inside = ""] = match
  return /r/i.test(prefix) ? inside : inside.replace(/\\(["'\\])/g, "$1")
}

function formatString(walk: Walk, node: Syntax): void {
  const [first] = node.children
  const opening = text(walk, node).slice(0, (first?.from ?? node.to) - node.from)
  const value = opening.replace(/^[a-zA-Z]*("""|'''|"|')/, "")
  if (value !== "" && first) walk.facts.texts.push({ value, holder: "", ...spanOf(walk, node) })
  visitAll({ ...walk, holder: "" }, node.children)
}

/** Newer Pythons look at annotations only when somebody asks. */
function annotation(walk: Walk, node: Syntax): void {
  visitAll({ ...walk, chance: "unlikely", holder: "" }, node.children)
}

/** Defaults belong outside, and are looked at now. */
export function parameters(walk: Walk, list: Syntax | undefined): readonly string[] {
  const names: string[] = []
  const parts = list?.children ?? []
  for (const [at, part] of parts.entries()) {
    if (parts[at - 1]?.kind === "AssignOp") visit(walk, part)
    else if (part.kind === "VariableName") names.push(text(walk, part))
    else if (part.kind === "TypeDef") visit(walk, part)
  }
  return names
}

/** The events of a function's body as they are seen from outside. */
type Code = { readonly node: Span; readonly own: readonly string[]; readonly name?: string }

export function bodyOf(walk: Walk, { node, own, name = "" }: Code, inside: (walk: Walk) => void): Body {
  const ownCalls: Call[] = []
  const fresh = { out: [], ownCalls, declared: new Set<string>(), members: undefined, soft: false, caught: false, holder: "" }
  const inner: Walk = { ...walk, ...fresh, inFunction: true, chance: "sure" }
  inside(inner)
  return { name, ...spanOf(walk, node), events: outward(inner.out, own, inner.declared), calls: ownCalls, atCall: true }
}

export function lambdaBody(walk: Walk, node: Syntax): Body {
  const own = parameters(walk, childOf(node, "ParamList"))
  const colon = node.children.findIndex((child) => child.kind === ":")
  return bodyOf(walk, { node, own }, (inner) => visitAll(inner, node.children.slice(colon + 1)))
}
