import { expect, test } from "vitest"
import { askedText, type Launch, problemsOf, retryOf } from "#work/launch.ts"

const LAUNCH: Launch = { notebook: "team/report.ipynb", parameters: { region: "EU", days: 7 } }

test("the same request is the same text, in whatever order it comes and whoever's try it is", () => {
  const again: Launch = {
    parameters: { days: 7, region: "EU" },
    notebook: "team/report.ipynb",
    orchestrator: { kind: "airflow", attempt: 3 },
    onExisting: "new-attempt",
  }
  expect(askedText(again)).toBe(askedText(LAUNCH))
  expect(askedText({ ...LAUNCH, version: undefined, retry: undefined })).toBe(askedText(LAUNCH))
})

test.each<[string, Partial<Launch>]>([
  ["another parameter", { parameters: { region: "US", days: 7 } }],
  ["another version", { version: 3 }],
  ["a label", { labels: { a: "b" } }],
  ["a time-out", { timeoutSeconds: 5 }],
  ["a retry policy", { retry: { maxAttempts: 2 } }],
])("%s is another request", (_, change) => {
  expect(askedText({ ...LAUNCH, ...change })).not.toBe(askedText(LAUNCH))
})

test("everything that is out of bounds is told at once", () => {
  const bad: Launch = {
    ...LAUNCH,
    priority: 1.5,
    timeoutSeconds: -1,
    keepaliveSeconds: 1,
    retry: { maxAttempts: 0, backoffSeconds: Number.NaN },
    labels: { "": "a", ok: "b\0" },
  }
  expect(problemsOf(bad).map(({ path }) => path)).toEqual([
    "timeoutSeconds",
    "keepaliveSeconds",
    "retry.maxAttempts",
    "retry.backoffSeconds",
    "priority",
    "labels.",
    "labels.ok",
  ])
  expect(problemsOf(LAUNCH)).toEqual([])
})

test("what is not said of retries has a default", () => {
  expect(retryOf(LAUNCH)).toEqual({ maxAttempts: 1, backoffMs: 10_000, backoffFactor: 2, maxBackoffMs: 600_000 })
})
