/** How things are said on the pages. Pure. */
import { toHuman, toIso } from "#base/time.ts"
import { html, type Markup, NOTHING } from "#page/index.ts"

const ICONS: Readonly<Record<string, string>> = { queued: "…", running: "▸", succeeded: "✓", failed: "✕", cancelled: "⊘", lost: "?" }

export function stateMark(state: string): Markup {
  return Object.hasOwn(ICONS, state)
    ? html`<span class="state state-${state}"><span aria-hidden="true">${ICONS[state]}</span> ${state}</span>`
    : html`<span class="state">${state}</span>`
}

/** "3 minutes ago", with the instant itself beneath the pointer. */
export function ago(at: number | null | undefined, now: number): Markup {
  if (at === null || at === undefined) return NOTHING
  return html`<time datetime="${toIso(at)}" title="${toIso(at)}">${agoWords(now - at)}</time>`
}

function agoWords(ms: number): string {
  if (ms < 0) return ms > -60_000 ? "just now" : `in ${spanWords(-ms)}`
  return ms < 10_000 ? "just now" : `${spanWords(ms)} ago`
}

function spanWords(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return counted(seconds, "second")
  if (seconds < 3600) return counted(Math.round(seconds / 60), "minute")
  if (seconds < 86_400) return counted(Math.round(seconds / 3600), "hour")
  return seconds < 86_400 * 60 ? counted(Math.round(seconds / 86_400), "day") : counted(Math.round(seconds / (86_400 * 30)), "month")
}

export function counted(count: number, noun: string): string {
  return `${digits(count)} ${noun}${count === 1 ? "" : "s"}`
}

export function digits(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/gu, ",")
}

export function took(startedAt: number | null, endedAt: number | null, now: number): string {
  return startedAt === null ? "" : toHuman(Math.max(0, (endedAt ?? now) - startedAt))
}

export function sizeWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  const units = ["KB", "MB", "GB", "TB"]
  let size = bytes / 1024
  let unit = 0
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024
    unit++
  }
  return `${size.toFixed(size < 10 ? 1 : 0)} ${units[unit]}`
}
