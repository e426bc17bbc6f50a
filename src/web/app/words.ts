/** How times, amounts and sizes are said. Pure: now is handed in. */

const DAY = 86_400_000

/** "just now", "3 minutes ago", "in 2 hours". */
export function agoWords(at: number, now: number): string {
  const ms = now - at
  if (ms < -60_000) return `in ${spanWords(-ms)}`
  return ms < 10_000 ? "just now" : `${spanWords(ms)} ago`
}

function spanWords(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return counted(seconds, "second")
  if (seconds < 3600) return counted(Math.round(seconds / 60), "minute")
  if (seconds < 86_400) return counted(Math.round(seconds / 3600), "hour")
  if (ms < DAY * 60) return counted(Math.round(ms / DAY), "day")
  return ms < DAY * 365 * 2 ? counted(Math.round(ms / (DAY * 30.44)), "month") : counted(Math.round(ms / (DAY * 365.25)), "year")
}

/** "1 run", "1,204 runs". */
export function counted(count: number, noun: string): string {
  return `${digits(count)} ${noun}${count === 1 ? "" : "s"}`
}

/** With separators: 1,204. */
export function digits(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/gu, ",")
}

/** "812 B", "4.2 KB", "12 MB". */
export function sizeWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  const power = Math.min(4, Math.floor(Math.log2(bytes) / 10))
  const size = bytes / 1024 ** power
  return `${size.toFixed(size < 10 ? 1 : 0)} ${["", "KB", "MB", "GB", "TB"][power]}`
}

/** One or two letters that stand for a person. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u)
  const first = [...(words[0] ?? "")][0] ?? "?"
  const last = words.length > 1 ? ([...(words.at(-1) ?? "")][0] ?? "") : ""
  return `${first}${last}`.toUpperCase()
}
