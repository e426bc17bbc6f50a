/** A notebook run again from a fresh kernel, to see whether it does what it did; its file stays as it is. */
import { accepted, type Outcome } from "#base/outcome.ts"
import { lastValueOf, type Parsed } from "#cli/arguments.ts"
import { conduct } from "#cli/conduct.ts"
import type { Edge } from "#cli/edge.ts"
import { givenParameters } from "#cli/given.ts"
import { startingKernel } from "#cli/kernel.ts"
import { limitsOf } from "#cli/limits.ts"
import { memorySink } from "#cli/memory-sink.ts"
import { prepare, type Refusal } from "#cli/prepare.ts"
import { type Notebook, type Reproduced, read, reproduced } from "#notebook/index.ts"
import { locate, type Run, STET, type Storage } from "#run/index.ts"

export type Rerun = {
  /** Of the first run, or of the second where only that one did not end well. */
  readonly run: Run
  readonly exit: number
  /** What the outputs came to; undefined when nothing ran. */
  readonly outputs: Reproduced | undefined
  readonly times: 1 | 2
}

export type Rerunning = {
  readonly path: string
  readonly notebook: Notebook
  readonly times: 1 | 2
  readonly parsed: Parsed
  readonly edge: Edge
  readonly storage: Storage
}

/** @throws Fault as `conduct` */
export async function rerun(asked: Rerunning): Promise<Outcome<Rerun, Refusal>> {
  const first = await runOnce(asked)
  if (!first.ok) return first
  // What does not get to its end once is not asked for twice.
  if (asked.times === 1 || first.value.exit !== 0) return accepted(cameTo(asked.notebook, first.value, undefined))
  const second = await runOnce(asked)
  return second.ok ? accepted(cameTo(asked.notebook, first.value, second.value)) : second
}

type Once = { readonly run: Run; readonly exit: number; readonly result: Notebook | undefined }

function cameTo(stored: Notebook, first: Once, second: Once | undefined): Rerun {
  const told = second && second.exit !== 0 ? second : first
  const options = { ranAtMs: first.run.beganAt }
  const outputs = first.result && reproduced(stored, { first: first.result, second: second?.result }, options)
  return { run: told.run, exit: told.exit, outputs, times: second ? 2 : 1 }
}

async function runOnce({ path, notebook, parsed, edge, storage }: Rerunning): Promise<Outcome<Once, Refusal>> {
  const numbers = limitsOf(parsed)
  if (!numbers.ok) return numbers
  const given = await givenParameters(parsed, storage)
  if (!given.ok) return given
  const wanted = { input: path, output: "", given: given.value, allowUnknown: false, kernel: lastValueOf(parsed, "--kernel"), selection: {} }
  const prepared = await prepare(edge, notebook, { ...wanted, limits: numbers.value.limits, allowErrors: false, pipelining: true })
  if (!prepared.ok) return prepared
  const kernels = await edge.kernels()
  try {
    const { order, redact } = prepared.value
    const cwd = folderOf(path)
    const wish = { startTimeoutMs: numbers.value.startTimeoutMs, preparePython: edge.preparePython, ...(cwd === undefined ? {} : { cwd }) }
    const { start, displayName } = await startingKernel(kernels, order, wish)
    const kept = memorySink()
    const none = { snapshotMs: 0, keepKernelMs: 0, journalPath: undefined }
    const { run, exit } = await conduct(edge, { order, dialect: STET, displayName, start, open: async () => kept, redact, ...none })
    const reading = read(kept.bytes())
    return accepted({ run, exit, result: reading.ok && run.cells.some(({ busyAt }) => busyAt > 0) ? reading.value.notebook : undefined })
  } finally {
    prepared.value.forget()
    await kernels.close()
  }
}

/** Where the notebook stands: there it finds the files that it names. Undefined for one that is on no disk. */
function folderOf(path: string): string | undefined {
  const location = locate(path)
  if (location.kind !== "file") return undefined
  return location.path.includes("/") ? location.path.replace(/\/[^/]*$/, "") || "/" : "."
}
