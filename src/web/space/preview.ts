/** What of a file can be looked at, decided by its name and its first bytes. Pure. */

export type Preview =
  | { readonly kind: "picture"; readonly mediaType: string; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "text"; readonly text: string; readonly isCut: boolean }
  | { readonly kind: "table"; readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[]; readonly isCut: boolean }
  | { readonly kind: "none"; readonly why: string }

// Pictures that only ever are pictures. An SVG is text here: it may hold scripts.
const PICTURES: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  avif: "image/avif",
  bmp: "image/bmp",
}
const TEXT_CONTROLS: ReadonlySet<number> = new Set([7, 8, 9, 10, 11, 12, 13, 27])
const MOST_ROWS = 200
const MOST_TEXT = 200_000

/** `bytes`: its beginning; `totalBytes`: all of it. */
export function previewOf(path: string, bytes: Uint8Array<ArrayBuffer>, totalBytes: number): Preview {
  const ending = /\.([A-Za-z0-9]+)$/u.exec(path)?.[1]?.toLowerCase() ?? ""
  const isWhole = bytes.length >= totalBytes
  const mediaType = Object.hasOwn(PICTURES, ending) ? PICTURES[ending] : undefined
  if (mediaType !== undefined)
    return isWhole ? { kind: "picture", mediaType, bytes } : { kind: "none", why: "The picture is too large to be shown here. Download it." }
  if (bytes.length === 0) return { kind: "none", why: "The file is empty." }
  const text = asText(bytes, isWhole)
  if (text === undefined || ending === "pdf") return { kind: "none", why: "It is no text, no table and no picture. Download it to open it." }
  if (ending === "csv" || ending === "tsv") return tableOf(text, ending === "tsv" ? "\t" : separatorOf(text), isWhole)
  return { kind: "text", text: text.slice(0, MOST_TEXT), isCut: !isWhole || text.length > MOST_TEXT }
}

function asText(bytes: Uint8Array, isWhole: boolean): string | undefined {
  const beginning = bytes.subarray(0, 8000)
  // Programs and archives can be UTF-8 by chance; text has next to none of these signs. Escapes (0x1b) are what terminals write.
  const odd = beginning.filter((byte) => byte < 32 && !TEXT_CONTROLS.has(byte)).length
  if (beginning.includes(0) || odd > beginning.length / 20) return undefined
  try {
    // The part may end within a letter.
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: !isWhole })
  } catch {
    return undefined
  }
}

function separatorOf(text: string): string {
  const first = text.slice(0, 4000).split("\n", 1)[0] ?? ""
  const count = (mark: string) => first.split(mark).length
  return [";", "\t", "|"].reduce((best, mark) => (count(mark) > count(best) ? mark : best), ",")
}

function tableOf(text: string, separator: string, isWhole: boolean): Preview {
  const { rows, isDone } = readRows(text, separator, MOST_ROWS + 1)
  // The last row of a part is perhaps half of one.
  const sure = isWhole || !isDone ? rows : rows.slice(0, -1)
  const [columns = [], ...rest] = sure
  return { kind: "table", columns, rows: rest.slice(0, MOST_ROWS), isCut: !isWhole || !isDone }
}

/** Fields as RFC 4180 writes them: quoted ones may hold separators, line ends and doubled quotes. */
function readRows(text: string, separator: string, most: number): { readonly rows: readonly (readonly string[])[]; readonly isDone: boolean } {
  const rows: string[][] = []
  let row: string[] = []
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0
  const endRow = () => {
    rows.push(row)
    row = []
  }
  while (at < text.length && rows.length < most) {
    const { field, end } = text[at] === '"' ? quoted(text, at + 1) : bare(text, at, separator)
    row.push(field)
    at = end
    if (text[at] === separator) {
      at++
      if (at === text.length) row.push("")
    } else {
      if (text[at] === "\r") at++
      if (text[at] === "\n") at++
      endRow()
    }
  }
  if (row.length > 0) endRow()
  return { rows, isDone: at >= text.length }
}

function bare(text: string, from: number, separator: string): { readonly field: string; readonly end: number } {
  let end = from
  while (end < text.length && text[end] !== separator && text[end] !== "\n" && text[end] !== "\r") end++
  return { field: text.slice(from, end), end }
}

function quoted(text: string, from: number): { readonly field: string; readonly end: number } {
  let field = ""
  let at = from
  for (;;) {
    const quote = text.indexOf('"', at)
    if (quote === -1) return { field: field + text.slice(at), end: text.length }
    field += text.slice(at, quote)
    if (text[quote + 1] !== '"') return skipped(text, field, quote + 1)
    field += '"'
    at = quote + 2
  }
}

/** What stands between a closing quote and the next separator belongs to nothing; it is kept, so that nothing is hidden. */
function skipped(text: string, field: string, from: number): { readonly field: string; readonly end: number } {
  let end = from
  while (end < text.length && !",;|\t\r\n".includes(text[end] ?? "")) end++
  return { field: field + text.slice(from, end), end }
}
