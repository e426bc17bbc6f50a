/** The clock as an argument. `now()` is milliseconds since 1970 (wall), `steady()` milliseconds that never go back. */
export type Clock = { now(): number; steady(): number }

/** An instant as ISO 8601 in UTC with milliseconds: 2026-01-02T03:04:05.678Z. */
export function toIso(ms: number): string {
  return new Date(ms).toISOString()
}

/** A duration as people say it: "340 ms", "4.2 s", "1 m 12 s", "2 h 5 m". */
export function toHuman(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${seconds % 60} s`
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} m`
}
