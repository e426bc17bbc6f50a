/** What is asked of a run: the launch contract, as the API hands it over once its shape is checked. */
import { isList, isObject, type Json, type JsonObject, write } from "#base/json.ts"
import type { Rig } from "#case/index.ts"
import type { Resources } from "#work/terms.ts"

export type Launch = {
  /** The notebook's id, or "space/path". */
  readonly notebook: string
  /** A number, "latest" (the default) or "sha256:…" of a version's bytes. */
  readonly version?: number | "latest" | `sha256:${string}` | undefined
  readonly parameters?: JsonObject | undefined
  /** Values as a person typed them; each takes the type that its parameter declares. */
  readonly parameterTexts?: { readonly [name: string]: string } | undefined
  readonly labels?: { readonly [name: string]: string } | undefined
  /** An environment in place of the notebook's own. */
  readonly environment?: string | undefined
  /** -100 … 100; the higher goes first. Default 0. */
  readonly priority?: number | undefined
  /** Seconds from kernel ready to the end of the run; 0 or undefined = none. */
  readonly timeoutSeconds?: number | undefined
  /** Seconds for one cell; a cell's own `metadata.stet.timeout` overrides it. */
  readonly cellTimeoutSeconds?: number | undefined
  readonly retry?: RetryWish | undefined
  /** The caller promises to call `keepalive` at least this often; when it stops, the run is cancelled. */
  readonly keepaliveSeconds?: number | undefined
  /** When a cell raises, the kernel is kept for so long, for somebody to look into it; 0 or undefined: not at all. The worker may keep it less long. */
  readonly keepKernelSeconds?: number | undefined
  /** What to do when the key is known already. Default attach. */
  readonly onExisting?: OnExisting | undefined
  readonly trigger?: Trigger | undefined
  /** What is done to the notebook for a test; only tests do that. */
  readonly rig?: Rig | undefined
  readonly orchestrator?: Orchestrator | undefined
  readonly openlineage?: JsonObject | undefined
}

export type OnExisting = "attach" | "new-attempt" | "reject"
export type Trigger = "person" | "token" | "schedule" | "orchestrator" | "test"

export type RetryWish = {
  /** 1 (the default) … 20 */
  readonly maxAttempts?: number | undefined
  /** Before the second attempt. Default 10. */
  readonly backoffSeconds?: number | undefined
  /** Each later pause is longer by this factor. Default 2. */
  readonly backoffFactor?: number | undefined
  /** Default 600. */
  readonly maxBackoffSeconds?: number | undefined
}

/** Who ordered it on whose behalf: three levels (definition, instance, task), each with a way back. */
export type Orchestrator = {
  readonly kind: string
  readonly id?: string | undefined
  readonly name?: string | undefined
  readonly uri?: string | undefined
  readonly definitionId?: string | undefined
  readonly definitionUri?: string | undefined
  readonly instanceId?: string | undefined
  readonly instanceUri?: string | undefined
  readonly taskId?: string | undefined
  /** The caller's own try number, from 1. */
  readonly attempt?: number | undefined
  readonly attemptUri?: string | undefined
  readonly triggeredBy?: string | undefined
}

/** Milliseconds; 0 = none. What its kernel may use is there when a template says so. */
export type RunLimits = Resources & { readonly timeoutMs: number; readonly cellTimeoutMs: number; readonly graceMs: number }
export type RetryPolicy = { readonly maxAttempts: number; readonly backoffMs: number; readonly backoffFactor: number; readonly maxBackoffMs: number }

const GRACE_MS = 10_000

export function limitsOf(launch: Launch): RunLimits {
  return { timeoutMs: milliseconds(launch.timeoutSeconds), cellTimeoutMs: milliseconds(launch.cellTimeoutSeconds), graceMs: GRACE_MS }
}

export function retryOf({ retry }: Launch): RetryPolicy {
  return {
    maxAttempts: retry?.maxAttempts ?? 1,
    backoffMs: milliseconds(retry?.backoffSeconds ?? 10),
    backoffFactor: retry?.backoffFactor ?? 2,
    maxBackoffMs: milliseconds(retry?.maxBackoffSeconds ?? 600),
  }
}

function milliseconds(seconds: number | undefined): number {
  return Math.round((seconds ?? 0) * 1000)
}

/**
 * The part of a launch that must be the same when its key comes again: what decides what is computed. Who asks for which
 * try of what (orchestrator, lineage) differs from one delivery to the next and is left out.
 */
export function askedText(launch: Launch): string {
  const { notebook, version, parameters, parameterTexts, labels, environment, priority, timeoutSeconds, cellTimeoutSeconds, retry, rig } = launch
  const asked = { notebook, version, parameters, parameterTexts, labels, environment, priority, timeoutSeconds, cellTimeoutSeconds, retry, rig }
  return write(defined(asked as unknown as Json))
}

/** Without members that are undefined: they are the same as members that are not there. */
function defined(value: Json): Json {
  if (isList(value)) return value.map(defined)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).flatMap(([key, item]) => ((item as unknown) === undefined ? [] : [[key, defined(item)]])))
}

export type LaunchProblem = { readonly path: string; readonly message: string }

/** What no schema of single fields can say, and what guards the database whoever calls. All problems at once. */
export function problemsOf(launch: Launch): LaunchProblem[] {
  const problems: LaunchProblem[] = []
  const range = (path: string, value: number | undefined, { min, max }: { readonly min: number; readonly max: number }) => {
    if (value !== undefined && !(value >= min && value <= max))
      problems.push({ path, message: `${path} must be from ${min} to ${max}, not ${value}.` })
  }
  range("priority", launch.priority, { min: -100, max: 100 })
  range("timeoutSeconds", launch.timeoutSeconds, { min: 0, max: 2_000_000 })
  range("cellTimeoutSeconds", launch.cellTimeoutSeconds, { min: 0, max: 2_000_000 })
  range("keepaliveSeconds", launch.keepaliveSeconds, { min: 5, max: 86_400 })
  range("keepKernelSeconds", launch.keepKernelSeconds, { min: 0, max: 86_400 })
  range("retry.maxAttempts", launch.retry?.maxAttempts, { min: 1, max: 20 })
  range("retry.backoffSeconds", launch.retry?.backoffSeconds, { min: 0, max: 86_400 })
  range("retry.backoffFactor", launch.retry?.backoffFactor, { min: 1, max: 10 })
  range("retry.maxBackoffSeconds", launch.retry?.maxBackoffSeconds, { min: 0, max: 86_400 })
  return [...problems, ...wholeNumberProblems(launch), ...labelProblems(launch.labels ?? {})]
}

function wholeNumberProblems(launch: Launch): LaunchProblem[] {
  const whole = { priority: launch.priority, "retry.maxAttempts": launch.retry?.maxAttempts }
  return Object.entries(whole).flatMap(([path, value]) =>
    value === undefined || Number.isInteger(value) ? [] : [{ path, message: `${path} must be a whole number, not ${value}.` }],
  )
}

const LABELS = 64

function labelProblems(labels: { readonly [name: string]: string }): LaunchProblem[] {
  const entries = Object.entries(labels)
  if (entries.length > LABELS) return [{ path: "labels", message: `A run may carry ${LABELS} labels, and ${entries.length} were given.` }]
  return entries.flatMap(([name, value]) => {
    const path = `labels.${name.slice(0, 80)}`
    if (!/^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$/.test(name))
      return [{ path, message: `The label ${JSON.stringify(name.slice(0, 80))} must be letters, digits and . _ - /, at most 128 of them.` }]
    if (value.length <= 1000 && value.isWellFormed() && !value.includes("\0")) return []
    return [{ path, message: `The value of the label ${name} must be at most 1,000 characters of text.` }]
  })
}
