/** The clock as an argument. `now()` is milliseconds since 1970 (wall), `steady()` milliseconds that never go back. */
export type Clock = { now(): number; steady(): number }

const DAY_MS = 86_400_000
const TWO = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, "0"))

/** An instant as ISO 8601 in UTC with milliseconds: 2026-01-02T03:04:05.678Z. */
export function toIso(ms: number): string {
  const day = Math.floor(ms / DAY_MS)
  // A list has a hundred of them, and Date's own way takes five times as long. It also says what is no instant, and what is far away.
  if (!Number.isSafeInteger(ms) || day < 0 || day > 1_000_000) return new Date(ms).toISOString()
  const time = ms - day * DAY_MS
  const [hours, minutes, seconds] = [Math.floor(time / 3_600_000), Math.floor(time / 60_000) % 60, Math.floor(time / 1000) % 60]
  return `${dateOf(day)}T${TWO[hours]}:${TWO[minutes]}:${TWO[seconds]}.${String(1000 + (time % 1000)).slice(1)}Z`
}

/** Howard Hinnant's civil_from_days: years begin in March, so that a leap day is the last of its year. */
function dateOf(day: number): string {
  const since = day + 719_468
  const era = Math.floor(since / 146_097)
  const dayOfEra = since - era * 146_097
  const yearOfEra = Math.floor((dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365)
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shifted = Math.floor((5 * dayOfYear + 2) / 153)
  const month = shifted < 10 ? shifted + 3 : shifted - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return `${year}-${TWO[month]}-${TWO[dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1]}`
}

/** A duration as people say it: "340 ms", "4.2 s", "1 m 12 s", "2 h 5 m". */
export function toHuman(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${seconds % 60} s`
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} m`
}
