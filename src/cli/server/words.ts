import { toHuman } from "#base/time.ts"

/** How long ago an instant was: "4 m 12 s ago". */
export function since(iso: string, now: number): string {
  const ms = now - Date.parse(iso)
  if (ms < 0) return "soon"
  return ms < 48 * 3_600_000 ? `${toHuman(ms)} ago` : `${Math.floor(ms / 86_400_000)} days ago`
}
