/** Texts compared: what has to be edited in one to get the other, and three of them merged. */

/** Replaces `remove` UTF-16 units at `at`, both counted in the text before. */
export type TextEdit = { readonly at: number; readonly remove: number; readonly insert: string }

/** Edits in ascending order that do not touch; by lines, and within changed lines by what is common at both ends. */
export function textEdits(before: string, after: string): TextEdit[] {
  if (before === after) return []
  const [left, right] = [linesOf(before), linesOf(after)]
  const edits: TextEdit[] = []
  let [at, i, j] = [0, 0, 0]
  for (const [nextI, nextJ] of [...common(left, right), [left.length, right.length] as const]) {
    const [removed, inserted] = [left.slice(i, nextI).join(""), right.slice(j, nextJ).join("")]
    if (removed !== inserted) edits.push(trimmed(at, removed, inserted))
    at += removed.length + (left[nextI]?.length ?? 0)
    ;[i, j] = [nextI + 1, nextJ + 1]
  }
  return edits
}

/**
 * What became of `base` in both: edits of `theirs` put into `ours`. Where both changed the same place, both texts stay, ours first.
 * Gives edits of `ours`.
 */
export function mergeEdits(base: string, ours: string, theirs: string): TextEdit[] {
  const mine = textEdits(base, ours)
  return textEdits(base, theirs).flatMap((edit) => {
    const end = edit.at + edit.remove
    const touching = mine.filter((other) => other.at <= end && other.at + other.remove >= edit.at)
    const shift = (to: number) => mine.filter((other) => other.at + other.remove < to || (other.remove === 0 && other.at < to)).reduce(grown, 0)
    if (touching.length === 0) return [{ ...edit, at: edit.at + shift(edit.at) }]
    if (touching.some((other) => other.at === edit.at && other.remove === edit.remove && other.insert === edit.insert)) return []
    const last = touching.at(-1) as TextEdit
    const after = mine.filter((other) => other.at <= last.at).reduce(grown, 0)
    return edit.insert === "" ? [] : [{ at: last.at + last.remove + after, remove: 0, insert: edit.insert }]
  })
}

function grown(sum: number, { insert, remove }: TextEdit): number {
  return sum + insert.length - remove
}

function linesOf(text: string): string[] {
  return text.split(/(?<=\n)/)
}

// Rows times columns of the table; beyond, the middle of two texts is one change.
const LARGEST = 1_000_000

/** Lines in common, as pairs of indices, ascending in both. */
function common(left: readonly string[], right: readonly string[]): (readonly [number, number])[] {
  const pairs: (readonly [number, number])[] = []
  let head = 0
  while (head < left.length && head < right.length && left[head] === right[head]) pairs.push([head, head++])
  let tail = 0
  while (tail < left.length - head && tail < right.length - head && left.at(-1 - tail) === right.at(-1 - tail)) tail++
  pairs.push(...longest(left.slice(head, left.length - tail), right.slice(head, right.length - tail)).map(([i, j]) => [head + i, head + j] as const))
  for (let k = tail; k > 0; k--) pairs.push([left.length - k, right.length - k])
  return pairs
}

function longest(left: readonly string[], right: readonly string[]): (readonly [number, number])[] {
  const width = right.length + 1
  if (left.length * right.length > LARGEST || left.length * right.length === 0) return []
  const lengths = new Int32Array((left.length + 1) * width)
  for (let i = left.length - 1; i >= 0; i--)
    for (let j = right.length - 1; j >= 0; j--)
      lengths[i * width + j] =
        left[i] === right[j]
          ? (lengths[(i + 1) * width + j + 1] as number) + 1
          : Math.max(lengths[(i + 1) * width + j] as number, lengths[i * width + j + 1] as number)
  const pairs: (readonly [number, number])[] = []
  for (let [i, j] = [0, 0]; i < left.length && j < right.length; ) {
    if (left[i] === right[j]) pairs.push([i++, j++])
    else if ((lengths[(i + 1) * width + j] as number) >= (lengths[i * width + j + 1] as number)) i++
    else j++
  }
  return pairs
}

function trimmed(at: number, before: string, after: string): TextEdit {
  const shorter = Math.min(before.length, after.length)
  let head = 0
  while (head < shorter && before[head] === after[head]) head++
  // Yjs cannot cut a surrogate pair in two.
  if (head > 0 && isHigh(before.charCodeAt(head - 1))) head--
  let tail = 0
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++
  if (tail > 0 && isLow(before.charCodeAt(before.length - tail))) tail--
  return { at: at + head, remove: before.length - head - tail, insert: after.slice(head, after.length - tail) }
}

const isHigh = (unit: number) => unit >= 0xd800 && unit < 0xdc00
const isLow = (unit: number) => unit >= 0xdc00 && unit < 0xe000
