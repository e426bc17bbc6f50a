/**
 * R source cut into its top-level statements. The grammar in use knows neither where R ends a statement nor signs before
 * numbers, texts over several lines or raw texts: statements are found here, and what the grammar cannot read is masked by
 * characters of the same number that it can, so that offsets still fit the source.
 */

export type RSource = {
  readonly statements: readonly { readonly from: number; readonly to: number }[]
  readonly comments: readonly { readonly from: number; readonly to: number }[]
  readonly masked: string
}

type Scan = {
  readonly source: string
  readonly out: string[]
  readonly statements: { from: number; to: number }[]
  readonly comments: { from: number; to: number }[]
  /** Open brackets; "header" is the parenthesis of function, if, for and while, after which a statement goes on. */
  readonly open: ("bracket" | "header")[]
  from: number
  to: number
  /** A newline does not end the statement here. */
  unfinished: boolean
  /** The last word or operator; "" at a statement's start and after anything else. */
  last: string
  /** Something stands there that a "-" can subtract from. */
  hasOperand: boolean
}

const PIECE =
  /(?<newline>\n)|(?<space>[^\S\n]+)|(?<comment>#[^\n]*)|(?<raw>[rR](["'])(?<dashes>-*)[[({])|(?<text>"[^"\\]*(?:\\[\s\S][^"\\]*)*"?|'[^'\\]*(?:\\[\s\S][^'\\]*)*'?|`[^`]*`?)|(?<word>[\p{L}_.][\p{L}\p{N}_.]*|[0-9](?:[\w.]|(?<=[eEpP])[-+])*)|(?<operator><<-|->>|<-|->|<=|>=|==|!=|&&|\|\||\|>|%[^%\n]*%|[\s\S])/uy

const CLOSERS: { readonly [open: string]: string } = { "(": ")", "[": "]", "{": "}" }

export function cutR(source: string): RSource {
  const scan: Scan = { source, out: [], statements: [], comments: [], open: [], from: -1, to: -1, unfinished: false, last: "", hasOperand: false }
  let at = 0
  while (at < source.length) {
    PIECE.lastIndex = at
    const match = PIECE.exec(source)
    if (!match) break
    const end = match.groups?.["raw"] === undefined ? PIECE.lastIndex : rawEnd(source, match)
    piece(scan, match.groups ?? {}, { from: at, to: end })
    at = end
  }
  endStatement(scan)
  return { statements: scan.statements, comments: scan.comments, masked: scan.out.join("") }
}

/** r"---(…)---": the end of a raw text that begins at the match. */
function rawEnd(source: string, match: RegExpExecArray): number {
  const opener = match[0].at(-1) ?? "("
  const closing = `${CLOSERS[opener]}${match.groups?.["dashes"] ?? ""}${match[0][1]}`
  const end = source.indexOf(closing, match.index + match[0].length)
  return end < 0 ? source.length : end + closing.length
}

type Span = { readonly from: number; readonly to: number }

function piece(scan: Scan, found: { readonly [group: string]: string | undefined }, span: Span): void {
  const length = span.to - span.from
  if (found["comment"] !== undefined) {
    scan.comments.push(span)
    scan.out.push(" ".repeat(length))
  } else if (found["newline"] !== undefined) newline(scan)
  else if (found["space"] !== undefined) scan.out.push(" ".repeat(length))
  else if (found["raw"] !== undefined) token(scan, span, `"${"x".repeat(Math.max(0, length - 2))}"`)
  else if (found["text"] !== undefined) token(scan, span, found["text"].startsWith("`") ? found["text"] : maskedText(length))
  else if (found["word"] !== undefined) word(scan, span, found["word"])
  else operator(scan, span, found["operator"] ?? "")
}

function maskedText(length: number): string {
  return length < 2 ? " ".repeat(length) : `"${"x".repeat(length - 2)}"`
}

function token(scan: Scan, span: Span, masked: string): void {
  if (scan.from < 0) scan.from = span.from
  scan.to = span.to
  scan.unfinished = false
  scan.last = ""
  scan.hasOperand = true
  scan.out.push(masked)
}

function word(scan: Scan, span: Span, text: string): void {
  token(scan, span, text)
  scan.last = text
  scan.unfinished = text === "else" || text === "repeat" || text === "function" || text === "in"
}

function newline(scan: Scan): void {
  scan.out.push("\n")
  if (scan.open.length === 0 && !scan.unfinished) endStatement(scan)
}

function operator(scan: Scan, span: Span, mark: string): void {
  if (mark === ";" && scan.open.length === 0) {
    scan.out.push(" ")
    endStatement(scan)
  } else if ("([{".includes(mark)) {
    const opensHeader = mark === "(" && ["function", "if", "for", "while", "\\"].includes(scan.last)
    token(scan, span, mark)
    scan.hasOperand = false
    scan.open.push(opensHeader ? "header" : "bracket")
  } else if (")]}".includes(mark)) {
    const closed = scan.open.pop()
    token(scan, span, mark)
    scan.unfinished = closed === "header"
  } else {
    // A sign before a number, with nothing before it to subtract from.
    const isSign = (mark === "-" || mark === "+") && !scan.hasOperand
    token(scan, span, isSign ? " " : mark)
    scan.unfinished = true
    scan.hasOperand = false
    scan.last = mark
  }
}

function endStatement(scan: Scan): void {
  if (scan.from >= 0) scan.statements.push({ from: scan.from, to: scan.to })
  scan.from = -1
  scan.unfinished = false
  scan.last = ""
  scan.hasOperand = false
}
