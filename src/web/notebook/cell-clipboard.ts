const KEY = "stet-copied-cells"
const MOST = 2_000_000

/**
 * What was copied by a single key, for which the browser gives no clipboard to read: kept where the other tabs of this person see
 * it, and put on the real clipboard as well.
 */
export function cellClipboard(): { readonly write: (text: string) => void; readonly read: () => string } {
  let copied = ""
  return {
    write: (text) => {
      copied = text
      navigator.clipboard?.writeText(text).catch(() => {})
      if (text.length < MOST) attempt(() => localStorage.setItem(KEY, text))
    },
    read: () => attempt(() => localStorage.getItem(KEY)) ?? copied,
  }
}

/** A browser that keeps nothing still copies within the page. */
function attempt<Value>(act: () => Value): Value | undefined {
  try {
    return act()
  } catch {
    return undefined
  }
}
