/** The headings of a notebook. Pure. */
export type Heading = { readonly cell: string; readonly level: number; readonly text: string; readonly key: string }

type Told = { readonly id: string; readonly type: string; readonly text: string }

export function headingsIn(cells: readonly Told[]): readonly Heading[] {
  return cells.filter((cell) => cell.type === "markdown").flatMap(headingsOf)
}

function headingsOf({ id, text }: Told): readonly Heading[] {
  const found: Heading[] = []
  let fence = ""
  for (const line of text.split("\n")) {
    const mark = /^ {0,3}(```+|~~~+)/.exec(line)?.[1]
    if (mark !== undefined) fence = fence === "" ? mark.slice(0, 3) : mark.startsWith(fence) ? "" : fence
    const heading = fence === "" ? /^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$/.exec(line) : null
    if (heading?.[1] && heading[2]) found.push({ cell: id, level: heading[1].length, text: plainText(heading[2]), key: `${id} ${found.length}` })
  }
  return found
}

/** Without the marks of links, emphasis and code. */
function plainText(markdown: string): string {
  return markdown
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/(\*\*|__|`|~~)/g, "")
    .replace(/(^|\s)[*_]([^*_]+)[*_](?=\s|$)/g, "$1$2")
    .trim()
}

/** The heading under which a cell stands. */
export function headingAbove(headings: readonly Heading[], ids: readonly string[], active: string): string {
  const place = ids.indexOf(active)
  const places = new Map(ids.map((id, at) => [id, at]))
  return headings.findLast((heading) => (places.get(heading.cell) ?? Number.POSITIVE_INFINITY) <= place)?.key ?? ""
}
