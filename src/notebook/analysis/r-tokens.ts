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

/** What was read; or where brackets or quotes do not fit, and R would read no further. */
export type RReading = { readonly nodes: readonly RNode[] } | { readonly brokenAt: number }

/** undefined when brackets are nested deeper than anybody nests them. */
export function rTokens(source: string): RReading | undefined {
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
      if (!closed || CLOSERS[closed.open] !== sign) return { brokenAt: at }
      ;(open.at(-1)?.children ?? top).push({ kind: "group", ...closed, to })
    } else if (isUnclosed(groups, { source, to })) return { brokenAt: source.length }
    else if (groups["space"] === undefined) {
      const bad = groups["text"] === undefined ? undefined : badEscape(groups["text"])
      if (bad !== undefined) return { brokenAt: at + bad }
      into.push(wordFrom(groups, { text: source.slice(at, to), from: at, to }))
    }
    if (open.length > DEEPEST) return undefined
    at = to
  }
  return open.length === 0 ? { nodes: top } : { brokenAt: source.length }
}

type Groups = { readonly [name: string]: string | undefined }

/** A text or a quoted name that goes on to the end. */
function isUnclosed({ text, quoted, raw, dashes = "" }: Groups, { source, to }: { readonly source: string; readonly to: number }): boolean {
  if (to < source.length) return false
  if (quoted !== undefined) return !/^`[^`]*`$/.test(quoted)
  if (raw !== undefined) return !source.endsWith(`${CLOSERS[raw.at(-1) ?? "("]}${dashes}${raw[1]}`)
  return text !== undefined && !/^(?:"[^"\\]*(?:\\[\s\S][^"\\]*)*"|'[^'\\]*(?:\\[\s\S][^'\\]*)*')$/.test(text)
}

/** `"C:\\data"` with one backslash: R knows no `\\d`. */
function badEscape(text: string): number | undefined {
  const found = text.matchAll(/\\(?:[abfnrtv\\"'`\s0-7]|x[0-9a-fA-F]|[uU]\{?[0-9a-fA-F])|\\/g)
  return [...found].find(([one]) => one.length === 1)?.index
}

type Written = { readonly text: string; readonly from: number; readonly to: number }

function wordFrom(groups: Groups, { text, from, to }: Written): RWord {
  if (groups["newline"] !== undefined) return { kind: "newline", text, from, to }
  if (groups["raw"] !== undefined) return { kind: "text", text: text.replace(/^..-*[[({]|[\])}]-*.$/g, ""), from, to }
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
