/** Versions of a notebook and the runs between them, by day, newest first. Pure. */
import type { Answered } from "#api/contract.ts"

export type VersionView = Answered<"getVersion">
export type RunView = Answered<"getRun">

/** Runs of one version that follow one another, with nothing saved between them. */
export type RunGroup = { readonly kind: "runs"; readonly version: number; readonly runs: readonly RunView[]; readonly failures: number }
export type VersionEntry = { readonly kind: "version"; readonly version: VersionView }
export type Entry = VersionEntry | RunGroup
export type Day = { readonly day: string; readonly entries: readonly Entry[] }

/** `dayOf`: which day an instant belongs to where the reader is, as "2026-01-31". */
export function timeline(versions: readonly VersionView[], runs: readonly RunView[], dayOf: (iso: string) => string): readonly Day[] {
  const oldest = versions.at(-1)
  const things = [
    ...versions.map((version) => ({ at: version.createdAt, order: version.number * 2, version })),
    // What is older than the oldest version that is shown belongs to a part of the list that is not read yet.
    ...runs
      .filter((run) => oldest === undefined || run.createdAt >= oldest.createdAt)
      .map((run) => ({ at: run.createdAt, order: run.version * 2 + 1, run })),
  ].sort((a, b) => (a.at === b.at ? b.order - a.order : a.at < b.at ? 1 : -1))
  const days: { day: string; entries: Entry[] }[] = []
  for (const thing of things) {
    const day = dayOf(thing.at)
    if (days.at(-1)?.day !== day) days.push({ day, entries: [] })
    const { entries } = days.at(-1) as { entries: Entry[] }
    if ("version" in thing) entries.push({ kind: "version", version: thing.version })
    else addRun(entries, thing.run)
  }
  return days
}

function addRun(entries: Entry[], run: RunView): void {
  const last = entries.at(-1)
  const failures = run.state === "failed" || run.state === "lost" ? 1 : 0
  if (last?.kind === "runs" && last.version === run.version)
    entries[entries.length - 1] = { ...last, runs: [...last.runs, run], failures: last.failures + failures }
  else entries.push({ kind: "runs", version: run.version, runs: [run], failures })
}

/** "Today", "Yesterday", else the date in full. */
export function dayWords(day: string, today: string): string {
  const days = Math.round((Date.parse(`${today}T00:00:00Z`) - Date.parse(`${day}T00:00:00Z`)) / 86_400_000)
  return days === 0
    ? "Today"
    : days === 1
      ? "Yesterday"
      : new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeZone: "UTC" }).format(Date.parse(`${day}T00:00:00Z`))
}

/** The day of an instant in the reader's own zone. */
export function localDay(iso: string): string {
  const at = new Date(iso)
  const two = (part: number) => String(part).padStart(2, "0")
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}
