/** Cell ids: 1 to 64 letters, digits, hyphens and underscores, unique in the document. Made from content, never by chance. */

export function isCellId(id: unknown): id is string {
  return typeof id === "string" && /^[a-zA-Z0-9_-]{1,64}$/.test(id)
}

/**
 * The id of a cell that has none: eight hex digits from its position (from 0) and source, so that the same file gives the
 * same ids wherever and whenever it is read. `taken` are the ids that it must differ from.
 */
export function cellIdFor(position: number, source: string, taken: ReadonlySet<string>): string {
  for (let attempt = 0; ; attempt++) {
    const id = hash(`${position} ${attempt} ${source}`).toString(16).padStart(8, "0")
    if (!taken.has(id)) return id
  }
}

// FNV-1a over UTF-16 units, then Murmur3's final mixing, without which short texts would differ in few bits.
function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
