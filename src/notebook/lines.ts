/** Lines as Python's `str.splitlines` sees them: that is how nbformat breaks texts into the lists of a file. */

// Besides \n, \r and \r\n: vertical tab, form feed, the file, group and record separators, next line, and Unicode's two.
const OTHER_ENDS = /[\r\v\f\u001c-\u001e\u0085\u2028\u2029]/
const ANY_END = /\r\n|[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/g

/** The lines with their ends, which joined give the text again; an empty text has no lines, and no empty line follows the last end. */
export function splitLines(text: string): readonly string[] {
  return OTHER_ENDS.test(text) ? splitAtAnyEnd(text) : splitAtNewlines(text)
}

/** A line of `splitLines` without its end. */
export function withoutEnd(line: string): string {
  if (line.endsWith("\r\n")) return line.slice(0, -2)
  return line.endsWith("\n") || OTHER_ENDS.test(line.slice(-1)) ? line.slice(0, -1) : line
}

function splitAtNewlines(text: string): readonly string[] {
  const lines: string[] = []
  let from = 0
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", from)) {
    lines.push(text.slice(from, at + 1))
    from = at + 1
  }
  if (from < text.length) lines.push(text.slice(from))
  return lines
}

function splitAtAnyEnd(text: string): readonly string[] {
  const lines: string[] = []
  let from = 0
  for (const end of text.matchAll(ANY_END)) {
    const next = end.index + end[0].length
    lines.push(text.slice(from, next))
    from = next
  }
  if (from < text.length) lines.push(text.slice(from))
  return lines
}
