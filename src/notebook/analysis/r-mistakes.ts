/**
 * Where R's parser would stop reading, as far as that is certain. Its grammar comes down to one question asked again and again: is an
 * operand due, or an operator? What is not asked (the parameters of a function, the names in a `for`) is let pass.
 */
import { isName, isSign, type RGroup, type RNode, type RWord } from "#notebook/analysis/r-tokens.ts"

const UNARY = ["-", "+", "!", "~", "?"]
const BINARY = new Set("+ - * / ^ ~ ? : = == != < > <= >= & && | || <- <<- -> ->> := |> :: ::: $ @".split(" "))

/** `lines`: a line end may end a statement. `top`: an `else` cannot begin a line there. `one`: exactly one expression. `many`: arguments. */
type Within = "top" | "lines" | "one" | "many"

type State = {
  /** `may`: nothing has begun; `must`: an operand is missing; `had`: there is one. */
  readonly operand: "may" | "must" | "had"
  /** Bodies of `if` that an `else` may follow. */
  readonly ifs: number
}

const BEGIN: State = { operand: "may", ifs: 0 }

/** The offset at which it stops; undefined where it may well read everything. @param end of the source */
export function rMistake(nodes: readonly RNode[], end: number): number | undefined {
  return mistakeIn(nodes, "top", end)
}

function mistakeIn(nodes: readonly RNode[], within: Within, end: number): number | undefined {
  let state = BEGIN
  for (let at = 0; at < nodes.length; at++) {
    const node = nodes[at] as RNode
    if (node.kind === "newline") {
      if (endsLine(state, within, nodes, at)) state = BEGIN
      continue
    }
    const taken = take(state, { nodes, at, within })
    if (typeof taken === "number") return taken
    state = taken.state
    at = taken.at
  }
  return isWhole(state, within, nodes) ? undefined : end
}

function endsLine({ operand, ifs }: State, within: Within, nodes: readonly RNode[], at: number): boolean {
  if (operand !== "had" || within === "one" || within === "many") return false
  if (within === "top" || ifs === 0) return true
  return !isKeyword(next(nodes, at), "else")
}

/** `f(x = )` and `switch(x, a = , b = 1)` leave a value out. */
function isWhole({ operand }: State, within: Within, nodes: readonly RNode[]): boolean {
  if (operand === "had") return true
  if (operand === "may") return within !== "one"
  return within === "many" && isSign(lastOf(nodes), "=")
}

function lastOf(nodes: readonly RNode[]): RNode | undefined {
  return nodes.findLast(({ kind }) => kind !== "newline")
}

function next(nodes: readonly RNode[], at: number): RNode | undefined {
  return nodes[nextAt(nodes, at)]
}

function nextAt(nodes: readonly RNode[], at: number): number {
  let place = at + 1
  while (nodes[place]?.kind === "newline") place++
  return place
}

type Place = { readonly nodes: readonly RNode[]; readonly at: number; readonly within: Within }
type Taken = { readonly state: State; readonly at: number } | number

function take(state: State, place: Place): Taken {
  const { nodes, at } = place
  const node = nodes[at] as RNode
  return node.kind === "sign" ? sign(state, node, place) : state.operand === "had" ? behind(state, node, place) : operand(state, node, place)
}

function sign(state: State, node: RWord, { nodes, at, within }: Place): Taken {
  const { text, from } = node
  if (text === ",") return within === "many" && (state.operand !== "must" || isSign(before(nodes, at), "=")) ? { state: BEGIN, at } : from
  if (text === ";") return (within === "top" || within === "lines") && state.operand !== "must" ? { state: BEGIN, at } : from
  if (state.operand === "had") return isBinary(text) ? member(state, { nodes, at, within }) : from
  if (UNARY.includes(text)) return { state: { ...state, operand: "must" }, at }
  if (text === "\\") return header(state, { nodes, at, within })
  if (text === "_") return { state: { ...state, operand: "had" }, at }
  // `x ** y`, which is read as two signs here.
  const isPower = text === "*" && isSign(nodes[at - 1], "*") && nodes[at - 1]?.to === from && !isSign(nodes[at - 2], "*")
  return isPower ? { state, at } : from
}

function before(nodes: readonly RNode[], at: number): RNode | undefined {
  return lastOf(nodes.slice(0, at))
}

function isBinary(text: string): boolean {
  return BINARY.has(text) || /^%.*%$/s.test(text)
}

/** Behind `$`, `@` and `::` stands a name, whatever else it means. */
function member(state: State, { nodes, at }: Place): Taken {
  const after = isSign(nodes[at], "$", "@", "::", ":::") ? nextAt(nodes, at) : at
  const name = nodes[after]
  if (after === at || name === undefined) return { state: { ...state, operand: "must" }, at }
  if (name.kind === "number" || name.kind === "sign") return name.from
  return { state: { ...state, operand: "had" }, at: after }
}

/** Behind an operand: a call, an index, or the `else` of an `if`. */
function behind(state: State, node: RNode, { at }: Place): Taken {
  if (node.kind === "group" && node.open !== "{") return inside(node) ?? { state, at }
  if (isKeyword(node, "else") && state.ifs > 0) return { state: { operand: "must", ifs: state.ifs - 1 }, at }
  return node.from
}

function operand(state: State, node: RNode, place: Place): Taken {
  const { at } = place
  if (node.kind === "group") {
    if (node.open === "[") return node.from
    const found = mistakeIn(node.children, node.open === "{" ? "lines" : "one", node.to - 1)
    return found ?? { state: { ...state, operand: "had" }, at }
  }
  if (isKeyword(node, "function", "if", "while", "for")) return header(state, place)
  if (isKeyword(node, "repeat")) return { state: { ...state, operand: "must" }, at }
  return isKeyword(node, "else", "in") ? node.from : { state: { ...state, operand: "had" }, at }
}

/** `if (…)`, `for (… in …)`, `function(…)`: something in parentheses, and an operand still to come. */
function header(state: State, { nodes, at }: Place): Taken {
  const word = nodes[at] as RWord
  const place = nextAt(nodes, at)
  const list = nodes[place]
  if (list?.kind !== "group" || list.open !== "(") return list?.from ?? word.to
  const found = isKeyword(word, "if", "while") ? mistakeIn(list.children, "one", list.to - 1) : isKeyword(word, "for") ? loop(list) : undefined
  return found ?? { state: { operand: "must", ifs: state.ifs + (isKeyword(word, "if") ? 1 : 0) }, at: place }
}

function loop({ children, to }: RGroup): number | undefined {
  const nodes = children.filter(({ kind }) => kind !== "newline")
  if (nodes[0]?.kind !== "name") return nodes[0]?.from ?? to - 1
  if (!isKeyword(nodes[1], "in")) return nodes[1]?.from ?? to - 1
  return mistakeIn(nodes.slice(2), "one", to - 1)
}

/** Arguments of a call or an index; `[[…]]` is one index in another. */
function inside(group: RGroup): number | undefined {
  const [first, ...others] = group.children
  const isDouble = group.open === "[" && first?.kind === "group" && first.open === "[" && first.from === group.from + 1
  if (!isDouble) return mistakeIn(group.children, "many", group.to - 1)
  const more = others.find(({ kind }) => kind !== "newline")
  return more ? more.from : inside(first)
}

/** In backticks it is a name like any other. */
function isKeyword(node: RNode | undefined, ...words: readonly string[]): boolean {
  return node !== undefined && isName(node, ...words) && node.to - node.from === (node as RWord).text.length
}
