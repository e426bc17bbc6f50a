/**
 * What a platform promises whatever is done to it, as one question over plain facts: every sentence that comes back is a promise
 * that was broken. I1 each run ends once; I2 what was acknowledged stays, in order, once; I3 one run for a key, one writer at a
 * time; I4 bytes are what their digest says; and nothing is left over.
 */
import type { Facts, RunFacts } from "./facts.ts"

/** What a client was given before, during and after a fault; `text` in the order of `seqs`. */
export type Seen = { readonly run: string; readonly seqs: readonly number[]; readonly text: string; readonly states: readonly string[] }

export type Expected = {
  /** Idempotency keys that were sent. */
  readonly keys?: readonly string[]
  /** How many runs were accepted without one. */
  readonly keyless?: number
  readonly seen?: readonly Seen[]
  /** What a run prints when it runs to its end; one that did not printed a beginning of it. */
  readonly printed?: string
}

const OVER = new Set(["succeeded", "failed", "cancelled", "lost"])

export function violations(facts: Facts, expected: Expected = {}): readonly string[] {
  return [
    ...facts.runs.flatMap((run) => [...endsOnce(run), ...fencesRise(run), ...keepsItsWord(run, expected.printed)]),
    ...oneForAKey(facts.runs, expected),
    ...(expected.seen ?? []).flatMap((seen) => staysAsSeen(facts.runs, seen)),
    ...bytesAreTrue(facts),
    ...facts.left.map((what) => `left over: ${what}`),
  ]
}

// ── I1 ──────────────────────────────────────────────────────────────────────────────────────────────────────

function endsOnce({ id, state, hasEnded, attempt, attempts, events }: RunFacts): readonly string[] {
  const ends = events.filter(({ type, state: told = "" }) => type === "state" && OVER.has(told))
  const last = events.findLast(({ type }) => type === "state")
  return [
    ...(OVER.has(state) && hasEnded ? [] : [`I1 run ${id} has not ended: ${state}`]),
    ...(ends.length === 1 ? [] : [`I1 run ${id} was told to have ended ${ends.length} times`]),
    ...(last?.state === state ? [] : [`I1 run ${id} is ${state}, and was told last to be ${last?.state}`]),
    ...attempts.flatMap(({ number, state: ended }) => (OVER.has(ended) ? [] : [`I1 attempt ${number} of ${id} has not ended: ${ended}`])),
    ...(attempts.length === 0 || attempts.at(-1)?.number === attempt ? [] : [`I1 run ${id} is at attempt ${attempt}, which there is none of`]),
  ]
}

// ── I2 ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** Events are numbered without a gap; the log is what they say; the result shows no less, and nothing else. */
function keepsItsWord({ id, seq, log, events, attempts }: RunFacts, printed: string | undefined): readonly string[] {
  const said = (number: number) => textOf(events.filter(({ attempt }) => attempt === number))
  const wrong = attempts.flatMap(({ number, state, shown }) => {
    const text = said(number)
    if (shown !== undefined && !shown.startsWith(text))
      return [`I2 the result of attempt ${number} of ${id} lacks what was told: ${differs(shown, text)}`]
    if (shown !== undefined && state !== "lost" && shown !== text) return [`I2 the result of attempt ${number} of ${id} shows what was not told`]
    const whole = shown ?? text
    if (printed !== undefined && !printed.startsWith(whole))
      return [`I2 attempt ${number} of ${id} printed something else: ${differs(whole, printed)}`]
    if (printed !== undefined && state === "succeeded" && whole !== printed) return [`I2 attempt ${number} of ${id} succeeded and lacks output`]
    return []
  })
  const numbered = events.every((event, index) => event.seq === index + 1) && events.length === seq
  return [
    ...(numbered ? [] : [`I2 the events of ${id} are not numbered 1 to ${seq}`]),
    ...(isToldBy(log, events) ? [] : [`I2 the log of ${id} is not what its events say: ${differs(log, textOf(events))}`]),
    ...wrong,
  ]
}

/** What is printed, in order and without a gap; only an output that is no printing, such as an error, may stand between. */
function isToldBy(log: string, events: RunFacts["events"]): boolean {
  let [at, mayStandBetween] = [0, false]
  for (const { type, text = "" } of events) {
    if (type === "output") mayStandBetween = true
    if (type !== "stream" || !text) continue
    const found = log.indexOf(text, at)
    if (found < 0 || (found > at && !mayStandBetween)) return false
    at = found + text.length
    mayStandBetween = false
  }
  return at === log.length || mayStandBetween
}

function staysAsSeen(runs: readonly RunFacts[], { run: id, seqs, text, states }: Seen): readonly string[] {
  const run = runs.find((one) => one.id === id)
  if (!run) return [`I2 run ${id}, which was seen, is gone`]
  const told = run.events.filter(({ seq }) => seqs.includes(seq))
  const isInOrder = seqs.every((seq, index) => index === 0 || seq === (seqs[index - 1] ?? 0) + 1)
  const lacking = seqs.filter((seq) => !run.events.some((event) => event.seq === seq))
  return [
    ...(isInOrder ? [] : [`I2 a client of ${id} saw events doubled, left out or out of order: ${seqs.join(" ")}`]),
    ...(lacking.length === 0 ? [] : [`I2 events of ${id} that were seen are gone: ${lacking.join(" ")}`]),
    ...(textOf(told) === text ? [] : [`I2 what a client of ${id} had seen has changed: ${differs(textOf(told), text)}`]),
    ...(states.filter((state) => OVER.has(state)).length <= 1 ? [] : [`I1 a client of ${id} was told twice that it ended: ${states.join(", ")}`]),
  ]
}

function textOf(events: RunFacts["events"]): string {
  return events.map(({ type, text = "" }) => (type === "stream" ? (text ?? "") : "")).join("")
}

function differs(found: string, expected: string): string {
  let at = 0
  while (at < found.length && found[at] === expected[at]) at++
  const around = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 20), at + 20))
  return `at ${at} of ${found.length}/${expected.length}: ${around(found)} for ${around(expected)}`
}

// ── I3 ──────────────────────────────────────────────────────────────────────────────────────────────────────

function fencesRise({ id, fence, attempts }: RunFacts): readonly string[] {
  const fences = attempts.map((attempt) => attempt.fence)
  const rise = fences.every((one, index) => index === 0 || one > (fences[index - 1] ?? 0))
  const numbered = attempts.every(({ number }, index) => number === index + 1)
  return [
    ...(rise ? [] : [`I3 the fences of ${id} do not rise: ${fences.join(" ")}`]),
    ...(fences.every((one) => one <= fence) ? [] : [`I3 an attempt of ${id} has a fence above the run's own ${fence}: ${fences.join(" ")}`]),
    ...(numbered ? [] : [`I3 the attempts of ${id} are not numbered from 1`]),
  ]
}

function oneForAKey(runs: readonly RunFacts[], { keys, keyless = 0 }: Expected): readonly string[] {
  if (!keys) return []
  const sent = new Set(keys)
  const there = runs.flatMap(({ key }) => key ?? [])
  const lacking = [...sent].filter((key) => !there.includes(key))
  return [
    ...(runs.length === sent.size + keyless ? [] : [`I3 there are ${runs.length} runs of ${sent.size} keys and ${keyless} without one`]),
    ...(lacking.length === 0 ? [] : [`I3 no run has the key ${lacking.slice(0, 5).join(", ")}${lacking.length > 5 ? ", …" : ""}`]),
  ]
}

// ── I4 ──────────────────────────────────────────────────────────────────────────────────────────────────────

function bytesAreTrue({ runs, kept }: Facts): readonly string[] {
  const results = runs.flatMap(({ id, attempts }) =>
    attempts.flatMap(({ number, sha256, resultSha256, why }) =>
      sha256 === null ? [] : [{ what: `the result of attempt ${number} of ${id}`, promised: sha256, found: resultSha256, why }],
    ),
  )
  return [...results, ...kept].flatMap(({ what, promised, found, why }) => {
    if (found === promised) return []
    return [`I4 ${what} ${found === undefined ? `cannot be had: ${why}` : `is not what its digest says: ${found}`}`]
  })
}
