/**
 * The names of an R cell. Much of R looks names up where only the called function knows (columns of a table, formulas): there a name that is
 * not there is no mistake that could be seen from here.
 */
import type { Argument, Call, CellNames, Chance, Definition, Import, NameEvent, NameLanguage, Span, Text } from "#notebook/analysis/names.ts"
import { NOTHING } from "#notebook/analysis/names.ts"
import { both, outward } from "#notebook/analysis/python-scope.ts"
import { isRBuiltin } from "#notebook/analysis/r-builtins.ts"
import { rMistake } from "#notebook/analysis/r-mistakes.ts"
import { isName, isSign, parts, type RGroup, type RNode, type RWord, rTokens, statements } from "#notebook/analysis/r-tokens.ts"

export const R: NameLanguage = { read: readRNames, isBuiltin: isRBuiltin }

const LONGEST_SOURCE = 200_000

type Walk = {
  readonly out: NameEvent[]
  readonly facts: { readonly calls: Call[]; readonly texts: Text[]; readonly imports: Import[] }
  readonly chance: Chance
  /** The called function decides what names mean here. */
  readonly soft: boolean
  readonly inFunction: boolean
  /** A handler stands around it: `tryCatch(…)`. */
  readonly caught: boolean
  readonly depth: number
  /** The name that a text which stands alone is given to; "" for none. */
  readonly holder: string
}

// Nobody nests so; each level is looked through again by the ones above it.
const DEEPEST = 100

function readRNames(source: string): CellNames {
  if (source.trim() === "") return NOTHING
  const reading = source.length > LONGEST_SOURCE || /^\s*%%/.test(source) ? undefined : rTokens(source)
  if (reading === undefined) return unread(source)
  const brokenAt = "brokenAt" in reading ? reading.brokenAt : rMistake(reading.nodes, source.length)
  if (brokenAt !== undefined || "brokenAt" in reading) return { ...unread(source), brokenAt: [brokenAt ?? source.length] }
  const { nodes } = reading
  const walk: Walk = {
    out: [],
    facts: { calls: [], texts: [], imports: [] },
    chance: "sure",
    soft: false,
    inFunction: false,
    caught: false,
    depth: 0,
    holder: "",
  }
  const all = statements(nodes)
  for (const statement of all) sequence(walk, statement)
  return {
    ...NOTHING,
    events: walk.out,
    ...walk.facts,
    imports: walk.facts.imports.map((one) => (isAlone(one, all) ? { ...one, guarded: one.guarded && one.manner !== "told" } : one)),
    showsValue: all.some((statement) => assignmentAt(statement) < 0),
    isPlain: walk.facts.calls.every(({ inFunction }) => inFunction) && all.every((statement) => assignmentAt(statement) >= 0),
    isEmpty: all.length === 0,
    branches: all.filter(([first]) => isName(first, "if", "for", "while", "repeat")).length,
    statements: all.map(spanOf),
  }
}

function spanOf(nodes: readonly RNode[]): Span {
  return { from: nodes[0]?.from ?? 0, to: nodes.at(-1)?.to ?? 0 }
}

/** `require(x)` as a statement: nothing asks whether it was there. */
function isAlone({ from }: Import, all: readonly (readonly RNode[])[]): boolean {
  return all.some(([word, list, more]) => word?.from === from && list?.kind === "group" && more === undefined)
}

function unread(source: string): CellNames {
  const mentions = [...new Set(Array.from(source.matchAll(/[\p{L}.][\p{L}\p{N}._]*/gu), (match) => match[0]))]
  return { ...NOTHING, mentions, showsValue: true, isPlain: false, isEmpty: false }
}

const ASSIGNS = ["<-", "<<-", "=", ":="]

function assignmentAt(nodes: readonly RNode[]): number {
  return nodes.findIndex((node) => isSign(node, ...ASSIGNS))
}

/** A statement, or what stands between commas. */
function sequence(around: Walk, nodes: readonly RNode[]): void {
  const walk = { ...around, depth: around.depth + 1 }
  if (walk.depth > DEEPEST) return
  const backwards = nodes.findIndex((node) => isSign(node, "->", "->>"))
  const at = assignmentAt(nodes)
  // `f <- function(x) …` and `if (a) b <- 1`: what stands before the sign is a target only if no header does.
  const isTarget =
    at > 0 && !nodes.slice(0, at).some((node) => isName(node, "if", "for", "while", "repeat", "function", "else") || isSign(node, "\\"))
  if (isTarget) assign(walk, { target: nodes.slice(0, at), value: nodes.slice(at + 1), sign: nodes[at] as RWord })
  else if (backwards > 0 && at < 0) {
    assign(walk, { target: nodes.slice(backwards + 1), value: nodes.slice(0, backwards), sign: nodes[backwards] as RWord })
  } else expression(nodes.some((node) => isSign(node, "~")) ? { ...walk, soft: true } : walk, nodes)
}

type Assignment = { readonly target: readonly RNode[]; readonly value: readonly RNode[]; readonly sign: RWord }

function assign(walk: Walk, { target, value, sign }: Assignment): void {
  const [first, second] = target
  const isFunction = isName(value[0], "function") || isSign(value[0], "\\")
  const events = isFunction ? functionEvents(walk, value) : undefined
  if (!events) sequence({ ...walk, holder: heldBy(target) }, value)
  if (first && second === undefined && (first.kind === "name" || first.kind === "text")) {
    const literal = value.length === 1 && (value[0]?.kind === "number" || value[0]?.kind === "text")
    define(walk, first, {
      how: events ? "function" : "variable",
      bodies: events ? [{ name: "", ...spanOf(value), events, calls: [], atCall: true }] : [],
      literal,
      isOuter: sign.text === "<<-" || sign.text === "->>",
    })
    return
  }
  // `names(x) <- …`, `x$a <- …`, `x[1] <- …` change x.
  expression(walk, target.length === 2 && first?.kind === "name" && second?.kind === "group" && second.open === "(" ? second.children : target)
  const root = target.find((node): node is RWord => node.kind === "name" && !(node === first && second?.kind === "group" && second.open === "("))
  const inner = second?.kind === "group" ? second.children.find((node): node is RWord => node.kind === "name") : undefined
  const changed = root ?? inner
  if (changed) walk.out.push({ do: "modify", name: changed.text, from: changed.from, to: changed.to, chance: walk.chance })
}

/** `token`, `keys$token`, `keys[["token"]]` */
function heldBy(target: readonly RNode[]): string {
  const last = target.at(-1)
  if (last?.kind === "group") return last.open === "[" && last.children.length === 1 ? heldBy(last.children) : ""
  return last?.kind === "name" || last?.kind === "text" ? last.text : ""
}

type Made = Pick<Definition, "how" | "bodies" | "literal"> & { readonly isOuter: boolean }

function define(walk: Walk, word: RWord, { isOuter, ...made }: Made): void {
  const event: Definition = { do: "define", name: word.text, from: word.from, to: word.to, chance: walk.chance, ...made }
  walk.out.push(isOuter && walk.inFunction ? { ...event, declared: true } : event)
}

/** Names, calls and brackets from left to right. */
function expression(walk: Walk, nodes: readonly RNode[]): void {
  let here = walk
  for (let at = 0; at < nodes.length; at++) {
    const node = nodes[at] as RNode
    if (node.kind === "group") group(here, node)
    else if (isName(node, "function") || isSign(node, "\\")) {
      for (const event of functionEvents(here, nodes.slice(at)) ?? []) if (event.do !== "clear") here.out.push({ ...event, chance: "unlikely" })
      return
    } else if (isName(node, "if", "while", "for")) {
      const header = nodes[at + 1]
      if (header?.kind === "group") loopOrBranch(here, header)
      at++
      here = { ...here, chance: both(here.chance, "likely") }
      // What follows may be an assignment of its own.
      sequence(here, nodes.slice(at + 1))
      return
    } else if (isName(node, "else", "repeat")) {
      sequence({ ...here, chance: both(here.chance, "likely") }, nodes.slice(at + 1))
      return
    } else if (node.kind === "name") at = name(here, nodes, at)
    else if (node.kind === "text")
      walk.facts.texts.push({ value: node.text, holder: nodes.length === 1 ? walk.holder : "", from: node.from, to: node.to })
  }
}

function loopOrBranch(walk: Walk, header: RGroup): void {
  const [variable, word, ...over] = header.children.filter(({ kind }) => kind !== "newline")
  if (variable?.kind !== "name" || !isName(word, "in")) return expression(walk, header.children)
  expression(walk, over)
  define(walk, variable, { how: "variable", bodies: [], literal: false, isOuter: false })
}

/** One name with the call that it may begin; gives the place of what was read last. */
function name(walk: Walk, nodes: readonly RNode[], at: number): number {
  const word = nodes[at] as RWord
  const [before, after] = [nodes[at - 1], nodes[at + 1]]
  if (isSign(after, "::", ":::")) {
    const [member, { inFunction, soft, caught }] = [nodes[at + 2], walk]
    const chance = soft ? both(walk.chance, "likely") : walk.chance
    const span = { from: word.from, to: member?.to ?? word.to }
    const name = member?.kind === "name" ? member.text : ""
    walk.facts.imports.push({ module: word.text, member: name, as: "", guarded: caught, manner: "used", chance, inFunction, ...span })
    return at + 1
  }
  const isMember = isSign(before, "$", "@", "::", ":::")
  const list = after?.kind === "group" && after.open === "(" ? after : undefined
  if (!isMember) {
    walk.out.push({ do: "use", name: word.text, from: word.from, to: word.to, chance: walk.chance, called: list !== undefined, soft: walk.soft })
  }
  if (!list) return at
  call(walk, { word, list, isMember })
  return at + 1
}

/** Functions of R itself that take their arguments as they are. */
const PLAIN = new Set(
  `abs all any append apply array as.character as.Date as.factor as.integer as.numeric barplot c cat cbind ceiling character colMeans colnames colSums cor
  data.frame dim do.call exp factor floor format gsub head hist identical invisible is.na is.null lapply length levels list log log10 log2 mapply matrix max
  mean median message min names nchar ncol nrow numeric order paste paste0 plot points print prod quantile range rbind rep rev round rownames rowSums
  sapply sd seq seq_along seq_len sort sprintf sqrt stop str strsplit sub substr sum summary t table tail tolower toupper trimws typeof unique unlist var
  vapply vector which which.max which.min`.split(/\s+/),
)

const CATCHES = /^(?:try|tryCatch|withCallingHandlers|try_fetch|possibly|safely|quietly|file\.exists)$/

type Called = { readonly word: RWord; readonly list: RGroup; readonly isMember: boolean }

function call(walk: Walk, { word, list, isMember }: Called): void {
  const callee = isMember ? `.${word.text}` : word.text
  const args = parts(list)
  const literals = args.map(([first, second]) => (second === undefined && (first?.kind === "text" || first?.kind === "name") ? first : undefined))
  walk.facts.calls.push({
    callee,
    args: args.flatMap(argumentIn),
    chance: walk.chance,
    inFunction: walk.inFunction,
    caught: walk.caught,
    from: word.from,
    to: list.to,
  })
  if (opening(walk, callee, { word, list, first: literals[0] })) return
  const within = { ...walk, soft: walk.soft || !PLAIN.has(word.text) || isMember, caught: walk.caught || CATCHES.test(word.text) }
  for (const argument of args) argumentOf(within, argument)
}

function argumentIn(nodes: readonly RNode[]): Argument[] {
  const [key, sign] = nodes
  const isNamed = (key?.kind === "name" || key?.kind === "text") && isSign(sign, "=")
  const value = isNamed ? nodes.slice(2) : nodes
  const [first, second, third] = value
  if (!first) return []
  const word = second === undefined && first.kind !== "group" ? first : undefined
  const isCall = first.kind === "name" && second?.kind === "group" && second.open === "(" && third === undefined
  return [
    {
      name: isNamed ? key.text : "",
      literal: word?.kind === "text" ? word.text : undefined,
      reads: word?.kind === "name" ? word.text : "",
      ...(isCall ? { called: first.text } : {}),
      from: first.from,
      to: (value.at(-1) ?? first).to,
    },
  ]
}

function argumentOf(walk: Walk, nodes: readonly RNode[]): void {
  const [key, sign, ...value] = nodes
  if ((key?.kind === "name" || key?.kind === "text") && isSign(sign, "=")) sequence({ ...walk, holder: key.text }, value)
  else sequence({ ...walk, holder: "" }, nodes)
}

const ATTACHED = new Set("base stats graphics grDevices utils methods datasets".split(" "))
const OPENS =
  /^(?:source|load|attach|data|eval|evalq|list2env|sys\.source|p_load|use_python|lazyLoad|delayedAssign|makeActiveBinding|setClass|setGeneric|setRefClass|R6Class)$/

/** "" where the name stands in a variable, or the answer is asked for. */
function packageOf(list: RGroup, first: RWord | undefined): string {
  const args = parts(list).flatMap(argumentIn)
  const isAsked = args.some(({ name }) => name === "logical.return" || name === "help")
  const isHeld = args.some(({ name }) => name === "character.only") && first?.kind !== "text"
  const named = args.find(({ name }) => name === "package")
  return isAsked || isHeld ? "" : (first?.text ?? named?.literal?.toString() ?? named?.reads ?? "")
}

type Opening = { readonly word: RWord; readonly list: RGroup; readonly first: RWord | undefined }

/** Calls that bring or take names; true when their arguments are no uses. */
function opening(walk: Walk, callee: string, { word, list, first }: Opening): boolean {
  const span = { from: word.from, to: list.to }
  if (callee === "library" || callee === "require" || callee === "requireNamespace") {
    const module = packageOf(list, first)
    const { chance, inFunction, caught } = walk
    const manner = callee === "require" ? { manner: "told" as const } : {}
    if (module !== "")
      walk.facts.imports.push({ module, member: "*", as: "", guarded: caught || callee !== "library", chance, inFunction, ...manner, ...span })
    if (!ATTACHED.has(module)) walk.out.push({ do: "open", why: `${callee}(${module})`, chance: walk.chance, ...span })
    return true
  }
  if (callee === "rm") {
    for (const [one] of parts(list)) if (one?.kind === "name") walk.out.push({ do: "delete", name: one.text, chance: walk.chance, ...span })
    return true
  }
  if (callee === "assign" && first?.kind === "text") {
    walk.out.push({ do: "define", name: first.text, how: "variable", bodies: [], literal: false, chance: walk.chance, ...span })
  } else if (OPENS.test(callee) || callee === "assign") walk.out.push({ do: "open", why: `${callee}()`, chance: walk.chance, ...span })
  return callee === "quote" || callee === "bquote" || callee === "substitute"
}

function group(walk: Walk, node: RGroup): void {
  if (node.open === "{") for (const statement of statements(node.children)) sequence(walk, statement)
  // An index of a table may name its columns.
  else for (const part of parts(node)) argumentOf(node.open === "[" ? { ...walk, soft: true } : walk, part)
}

/** `function(a, b = 1) …` and `\(x) …`: everything behind the parenthesis is the body. */
function functionEvents(walk: Walk, nodes: readonly RNode[]): readonly NameEvent[] | undefined {
  const [, list, ...body] = nodes
  if (list?.kind !== "group") return undefined
  const inner: Walk = { ...walk, out: [], inFunction: true, chance: "sure", soft: false }
  const own = parts(list).flatMap(([first, sign, ...value]) => {
    // Defaults are looked at when the argument is, and see what the body defines.
    if (isSign(sign, "=")) sequence({ ...inner, chance: "likely", soft: true, holder: first?.kind === "name" ? first.text : "" }, value)
    return first?.kind === "name" ? [first.text] : []
  })
  sequence(inner, body)
  return outward(inner.out, own, new Set())
}
