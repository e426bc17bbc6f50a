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

/** Of what is ordered, saved and worked off. */
export const WORKING_POINTS = {
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

const LOSS = says(/UPDATE attempt SET state = /, "lost")
const REQUEUE = says(/UPDATE run SET state = 'queued'/)
const RETRY = says(/UPDATE run SET first_attempt = /)
const CANCEL = says(/UPDATE run SET desired = 'cancel'/)
const CANCELLED = says(/UPDATE attempt SET state = /, "cancelled")

/** Of what says that a run is lost, tries it again, or stops it. */
export const ENDING_POINTS = {
  "loss not written": { part: "server", instant: { at: "before", commits: true, statement: LOSS } },
  "loss written, nobody told": { part: "server", instant: { at: "after", commits: true, statement: LOSS } },
  "put back into the queue, its job not": { part: "server", instant: { at: "after", statement: REQUEUE } },
  "put back into the queue, nobody told": { part: "server", instant: { at: "after", commits: true, statement: REQUEUE } },
  "retry not written": { part: "server", instant: { at: "before", commits: true, statement: RETRY } },
  "retry written, not answered": { part: "server", instant: { at: "after", commits: true, statement: RETRY } },
  "cancel not written": { part: "server", instant: { at: "before", commits: true, statement: CANCEL } },
  "cancel written, not answered": { part: "server", instant: { at: "after", commits: true, statement: CANCEL } },
  // Told with the next word that it lives, which it is woken to give.
  "cancel told, not obeyed": {
    part: "worker",
    instant: { at: "after", statement: says(/UPDATE run SET lease_until = [\s\S]*RETURNING id, fence, desired/) },
  },
  "cancel obeyed, not written": { part: "worker", instant: { at: "before", commits: true, statement: CANCELLED } },
  "cancel written, journal not released": { part: "worker", instant: { at: "after", commits: true, statement: CANCELLED } },
} as const satisfies Record<string, CrashPoint>

export const CRASH_POINTS = { ...WORKING_POINTS, ...ENDING_POINTS } as const

export type CrashName = keyof typeof CRASH_POINTS

/** A statement of that form; with that value among its own, if one is named. */
function says(form: RegExp, value?: string): (asked: Asked) => boolean {
  return ({ text, values }) => form.test(text) && (value === undefined || values.flat().includes(value))
}
