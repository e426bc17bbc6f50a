/**
 * The instants at which a process dies that does two things which belong together, by name: between what is on disk and what the
 * database says, between what the database says and what somebody is answered.
 */
import type { PartName } from "../src/supervise.ts"

/** What is asked of PostgreSQL. */
export type Asked = { readonly text: string; readonly values: readonly unknown[] }

export type Instant =
  /** Around a statement; or, `commits`, around the commit of the transaction that it is made in. */
  | { readonly at: "before" | "after"; readonly statement: (asked: Asked) => boolean; readonly commits?: boolean }
  /** Before what is whole on disk gets its name. */
  | { readonly at: "before"; readonly naming: RegExp }

export type CrashPoint = { readonly part: PartName; readonly instant: Instant }

const BLOB = /\/store\/[0-9a-f]{2}\/[0-9a-f]{2}\/[0-9a-f]{64}$/

export const CRASH_POINTS = {
  "order not written": { part: "server", instant: { at: "before", commits: true, statement: says(/INSERT INTO run \(/) } },
  "order written, not answered": { part: "server", instant: { at: "after", commits: true, statement: says(/INSERT INTO run \(/) } },
  "blob of a version without its name": { part: "server", instant: { at: "before", naming: BLOB } },
  "blob of a version written, its row not": { part: "server", instant: { at: "before", commits: true, statement: says(/INSERT INTO version \(/) } },
  "version written, not answered": { part: "server", instant: { at: "after", commits: true, statement: says(/INSERT INTO version \(/) } },
  "job taken, lease not written": { part: "worker", instant: { at: "before", commits: true, statement: says(/INSERT INTO attempt \(/) } },
  "lease written, nothing begun": { part: "worker", instant: { at: "after", commits: true, statement: says(/INSERT INTO attempt \(/) } },
  "output recorded, not told": { part: "worker", instant: { at: "before", statement: says(/INSERT INTO run_event \(/, "stream") } },
  "output told": { part: "worker", instant: { at: "after", statement: says(/INSERT INTO run_event \(/, "stream") } },
  "blob of a result without its name": { part: "worker", instant: { at: "before", naming: BLOB } },
  "blob of a result written, the end not": {
    part: "worker",
    instant: { at: "before", commits: true, statement: says(/UPDATE attempt SET state = /, "succeeded") },
  },
  "end written, journal not released": {
    part: "worker",
    instant: { at: "after", commits: true, statement: says(/UPDATE attempt SET state = /, "succeeded") },
  },
} as const satisfies Record<string, CrashPoint>

export type CrashName = keyof typeof CRASH_POINTS

/** A statement of that form; with that value among its own, if one is named. */
function says(form: RegExp, value?: string): (asked: Asked) => boolean {
  return ({ text, values }) => form.test(text) && (value === undefined || values.flat().includes(value))
}
