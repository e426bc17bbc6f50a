/**
 * R cut into words and nested brackets. The grammar that reads R's parameters knows neither comparisons nor `%>%` nor `:`, so what cells do
 * with names is read from the words themselves, which R makes easy: its syntax is a few signs between them.
 */

export type RNode = RWord | RGroup

export type RWord = {
  readonly kind: "name" | "text" | "number" | "sign" | "newline"
  /** A name without its backticks, a text without its quotes. */
  readonly text: string
  readonly from: number
  readonly to: number
}

export type RGroup = {
  readonly kind: "group"
  readonly open: "(" | "[" | "{"
  readonly children: readonly RNode[]
  readonly from: number
  readonly to: number
}

const PIECE =
  /(?<newline>\n)|(?<space>[^\S\n]+|#[^\n]*)|(?<raw>[rR](["'])(?<dashes>-*)[[({])|(?<text>"[^"\\]*(?:\\[\s\S][^"\\]*)*"?|'[^'\\]*(?:\\[\s\S][^'\\]*)*'?)|(?<quoted>`[^`]*`?)|(?<number>\.?[0-9](?:[\w.]|(?<=[eEpP])[-+])*)|(?<name>[\p{L}.][\p{L}\p{N}._]*)|(?<sign><<-|->>|:::?|<-|->|<=|>=|==|!=|&&|\|\||\|>|:=|%[^%\n]*%|[\s\S])/uy

const CLOSERS: { readonly [open: string]: string } = { "(": ")", "[": "]", "{": "}" }
const DEEPEST = 200

type Open = { readonly open: RGroup["open"]; readonly children: RNode[]; readonly from: number }

/** undefined when brackets do not fit, or are nested deeper than anybody nests them. */
export function rTokens(source: string): readonly RNode[] | undefined {
  const top: RNode[] = []
  const open: Open[] = []
  for (let at = 0; at < source.length; ) {
    PIECE.lastIndex = at
    const match = PIECE.exec(source)
    if (!match) return undefined
    const groups = match.groups ?? {}
    const to = groups["raw"] === undefined ? PIECE.lastIndex : rawEnd(source, match)
    const into = open.at(-1)?.children ?? top
    const sign = groups["sign"]
    if (sign !== undefined && "([{".includes(sign)) open.push({ open: sign as RGroup["open"], children: [], from: at })
    else if (sign !== undefined && ")]}".includes(sign)) {
      const closed = open.pop()
      if (!closed || CLOSERS[closed.open] !== sign) return undefined
      ;(open.at(-1)?.children ?? top).push({ kind: "group", ...closed, to })
    } else if (groups["space"] === undefined) into.push(wordFrom(groups, { text: match[0], from: at, to }))
    if (open.length > DEEPEST) return undefined
    at = to
  }
  return open.length === 0 ? top : undefined
}

type Written = { readonly text: string; readonly from: number; readonly to: number }

function wordFrom(groups: { readonly [name: string]: string | undefined }, { text, from, to }: Written): RWord {
  if (groups["newline"] !== undefined) return { kind: "newline", text, from, to }
  if (groups["raw"] !== undefined) return { kind: "text", text: "", from, to }
  if (groups["text"] !== undefined) return { kind: "text", text: text.slice(1, -1), from, to }
  if (groups["quoted"] !== undefined) return { kind: "name", text: text.replaceAll("`", ""), from, to }
  if (groups["number"] !== undefined) return { kind: "number", text, from, to }
  return { kind: groups["name"] === undefined ? "sign" : "name", text, from, to }
}

/** r"---(…)---" */
function rawEnd(source: string, match: RegExpExecArray): number {
  const closing = `${CLOSERS[match[0].at(-1) ?? "("]}${match.groups?.["dashes"] ?? ""}${match[0][1]}`
  const end = source.indexOf(closing, match.index + match[0].length)
  return end < 0 ? source.length : end + closing.length
}

/** Statements of a block: a line goes on where it cannot be over. */
export function statements(nodes: readonly RNode[]): readonly (readonly RNode[])[] {
  const out: RNode[][] = [[]]
  for (const [at, node] of nodes.entries()) {
    const current = out.at(-1) ?? []
    if (isSign(node, ";")) out.push([])
    else if (node.kind !== "newline") current.push(node)
    else if (current.length > 0 && isOver(current, nodes, at + 1)) out.push([])
  }
  return out.filter((statement) => statement.length > 0)
}

function isOver(current: readonly RNode[], nodes: readonly RNode[], at: number): boolean {
  const last = current.at(-1)
  if (!last || last.kind === "sign" || isName(last, "else", "repeat", "function", "in")) return false
  // The parenthesis of `if (…)` and its like has something to come.
  if (last.kind === "group" && last.open === "(" && isHeader(current.at(-2))) return false
  let next = at
  while (nodes[next]?.kind === "newline") next++
  return !(isName(nodes[next], "else") && current.some((node) => isName(node, "if")))
}

function isHeader(node: RNode | undefined): boolean {
  return node !== undefined && (isName(node, "if", "for", "while", "function") || isSign(node, "\\"))
}

/** The arguments of a call, or of an index. */
export function parts(group: RGroup): readonly (readonly RNode[])[] {
  const out: RNode[][] = [[]]
  for (const node of group.children) {
    if (isSign(node, ",")) out.push([])
    else if (node.kind !== "newline") out.at(-1)?.push(node)
  }
  return out
}

export function isSign(node: RNode | undefined, ...signs: readonly string[]): boolean {
  return node?.kind === "sign" && signs.includes(node.text)
}

export function isName(node: RNode | undefined, ...names: readonly string[]): boolean {
  return node?.kind === "name" && names.includes(node.text)
}
