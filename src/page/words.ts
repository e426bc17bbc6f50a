/** Numbers and instants as people read them. Instants are in UTC: a file does not know where its reader is. */

/** 12345 → "12,345". */
export function digits(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ",")
}

/** "1 line", "12,345 lines". */
export function counted(count: number, noun: string): string {
  return `${digits(count)} ${noun}${count === 1 ? "" : "s"}`
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

/** "23 Nov 2026, 10:35 UTC". */
export function instant(ms: number): string {
  const date = new Date(ms)
  const two = (n: number): string => String(n).padStart(2, "0")
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}, ${two(date.getUTCHours())}:${two(date.getUTCMinutes())} UTC`
}

/** "just now", "5 minutes ago", "3 days ago"; undefined beyond four weeks, when the date says more. */
export function ago(ms: number, now: number): string | undefined {
  const seconds = (now - ms) / 1000
  if (seconds < -60 || seconds > 28 * 86_400) return undefined
  if (seconds < 60) return "just now"
  if (seconds < 3600) return `${counted(Math.floor(seconds / 60), "minute")} ago`
  return seconds < 86_400 ? `${counted(Math.floor(seconds / 3600), "hour")} ago` : `${counted(Math.floor(seconds / 86_400), "day")} ago`
}

/** "kernel_died" → "kernel died". */
export function spoken(name: string): string {
  return name.replace(/[_-]+/g, " ").trim()
}

/** The first `limit` characters, with an ellipsis where something was cut. */
export function clipped(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit).trimEnd()}…` : text
}
