/** Which runs a list shows, as its address says it, and as the API is asked for them. Pure. */
import type { Query } from "#api/contract.ts"

export const RUN_STATES = ["queued", "running", "succeeded", "failed", "cancelled", "lost"] as const
const TRIGGERS = ["person", "token", "schedule", "orchestrator", "test"] as const
export type RunStateName = (typeof RUN_STATES)[number]
type TriggerName = (typeof TRIGGERS)[number]

/** Spans back from now; anything else in `since` is an instant. */
export const SPANS = { "1h": "last hour", "24h": "last 24 hours", "7d": "last 7 days", "30d": "last 30 days" } as const
const SPAN_MS: Readonly<Record<string, number>> = { "1h": 3_600_000, "24h": 86_400_000, "7d": 604_800_000, "30d": 2_592_000_000 }

export type RunsFilter = {
  readonly states: readonly RunStateName[]
  readonly notebook: string | undefined
  readonly version: number | undefined
  readonly space: string | undefined
  /** "me", or the id of a person. */
  readonly by: string | undefined
  readonly trigger: TriggerName | undefined
  readonly since: string | undefined
  readonly until: string | undefined
  readonly text: string | undefined
}

type Written = Readonly<Record<string, string | readonly string[] | undefined>>

/** What the address does not say right is left out, so that an old or mistyped link shows more rather than nothing. */
export function filterOf(written: Written): RunsFilter {
  const first = (name: string) => [written[name]].flat().find((one): one is string => typeof one === "string" && one !== "")
  const version = first("version")
  return {
    states: RUN_STATES.filter((state) => [written["state"]].flat().includes(state)),
    notebook: first("notebook"),
    version: version !== undefined && /^[1-9]\d{0,8}$/u.test(version) ? Number(version) : undefined,
    space: first("space"),
    by: first("by"),
    trigger: TRIGGERS.find((one) => one === first("trigger")),
    since: instantOr(first("since"), Object.keys(SPANS)),
    until: instantOr(first("until"), []),
    text: first("q")?.slice(0, 200),
  }
}

function instantOr(text: string | undefined, words: readonly string[]): string | undefined {
  return text !== undefined && (words.includes(text) || !Number.isNaN(Date.parse(text))) ? text : undefined
}

/** `now` is rounded down to a minute by whoever asks again and again, so that equal questions are equal. */
export function queryOf(filter: RunsFilter, { me, now }: { readonly me: string; readonly now: number }): NonNullable<Query<"listRuns">> {
  const { states, notebook, version, space, by, trigger, since, until, text } = filter
  const span = since === undefined ? undefined : SPAN_MS[since]
  return {
    ...(states.length > 0 ? { state: [...states] } : {}),
    ...(notebook === undefined ? {} : { notebook }),
    ...(version === undefined ? {} : { version }),
    ...(space === undefined ? {} : { space }),
    ...(by === undefined ? {} : { orderedBy: by === "me" ? me : by }),
    ...(trigger === undefined ? {} : { trigger }),
    ...(since === undefined ? {} : { since: new Date(span === undefined ? Date.parse(since) : now - span).toISOString() }),
    ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
    ...(text === undefined ? {} : { text }),
  }
}

export function isFiltered(filter: RunsFilter): boolean {
  const { states, ...others } = filter
  return states.length > 0 || Object.values(others).some((value) => value !== undefined)
}
