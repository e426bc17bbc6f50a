/** How tall outputs were the last time, by what they are and how wide they stood: their place is kept before they are drawn. */
const KEY = "stet-output-heights"
const MOST = 2000

let known: Map<string, number> | undefined

function load(): Map<string, number> {
  if (known) return known
  try {
    known = new Map(JSON.parse(localStorage.getItem(KEY) ?? "[]") as [string, number][])
  } catch {
    known = new Map()
  }
  return known
}

/** Widths within 32 pixels of each other give heights that are near enough to keep a place. */
function keyOf(hash: string, width: number): string {
  return `${hash}:${Math.round(width / 32)}`
}

export function heightOf(hash: string, width: number): number | undefined {
  return load().get(keyOf(hash, width))
}

let isSaving = false

export function keepHeight(hash: string, width: number, height: number): void {
  const heights = load()
  const key = keyOf(hash, width)
  if (heights.get(key) === height) return
  heights.delete(key)
  heights.set(key, height)
  for (const oldest of heights.keys()) {
    if (heights.size <= MOST) break
    heights.delete(oldest)
  }
  if (isSaving) return
  isSaving = true
  setTimeout(() => {
    isSaving = false
    try {
      localStorage.setItem(KEY, JSON.stringify([...heights]))
    } catch {
      // A full or forbidden storage costs a jump of the page at the next opening, nothing else.
    }
  }, 1000)
}

/** FNV-1a over the code units, with the length: for telling outputs apart, not for anything that must not collide. */
export function hashOf(text: string): string {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return `${(hash >>> 0).toString(36)}.${text.length.toString(36)}`
}
