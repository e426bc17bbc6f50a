/** All of `stet run` but its flags. */
import { write } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { isOn, lastValueOf, type Parsed } from "#cli/arguments.ts"
import { conductAndReport } from "#cli/conduct-and-report.ts"
import type { EarlyKernel } from "#cli/early-kernel.ts"
import type { Edge } from "#cli/edge.ts"
import { givenParameters } from "#cli/given.ts"
import { type KernelWish, startingKernel } from "#cli/kernel.ts"
import { limitsOf, type Numbers } from "#cli/limits.ts"
import { notebookIn, type Prepared, prepare, type Refusal } from "#cli/prepare.ts"
import { refuseToReplace, resultPathOf } from "#cli/result-path.ts"
import { say } from "#cli/say.ts"
import { refuseDirectory } from "#cli/working-directory.ts"
import type { Order, Storage } from "#run/index.ts"

type Asked = { readonly parsed: Parsed; readonly edge: Edge; readonly storage: Storage; readonly early: EarlyKernel }
type Whole = Asked & { readonly output: string; readonly numbers: Numbers }

/** Gives the exit code. @throws Fault as `conduct` */
export async function runNotebook(asked: Asked): Promise<number> {
  const { parsed, early } = asked
  try {
    const numbers = limitsOf(parsed)
    if (!numbers.ok) return refuse(asked, numbers.refusal)
    const whole = { ...asked, output: parsed.positionals[1] ?? resultPathOf(parsed.positionals[0]!), numbers: numbers.value }
    const prepared = await prepareFrom(whole)
    if (!prepared.ok) return refuse(asked, prepared.refusal)
    try {
      return await execute(prepared.value, whole)
    } finally {
      prepared.value.forget()
    }
  } finally {
    await early.kernels.close()
  }
}

/** To people, and as an event to machines: a stream without one would look as if it had been cut. */
function refuse({ parsed, edge }: Asked, refusal: Refusal): number {
  const out = parsed.positionals[1] === "-" ? edge.err : edge.out
  if (isOn(parsed, "--json")) out.write(`${write({ event: "refused", messages: refusal.messages, remedy: refusal.remedy })}\n`)
  return say(edge, refusal)
}

async function prepareFrom({ parsed, edge, storage, early, output, numbers }: Whole): Promise<Outcome<Prepared, Refusal>> {
  const given = await givenParameters(parsed, storage)
  if (!given.ok) return given
  const input = parsed.positionals[0]!
  const notebook = notebookIn(early.bytes, input, edge)
  if (!notebook.ok) return notebook
  const elsewhere = refuseDirectory(edge, lastValueOf(parsed, "--cwd"))
  if (elsewhere) return refused(elsewhere)
  const taken = isOn(parsed, "--force") ? undefined : await refuseToReplace(storage, output)
  if (taken) return refused(taken)
  await storage.check(output)
  const prepared = await prepare(edge, notebook.value, {
    input,
    output,
    given: given.value,
    allowUnknown: isOn(parsed, "--allow-unknown") ?? false,
    kernel: lastValueOf(parsed, "--kernel"),
    selection: selectionOf(parsed),
    limits: numbers.limits,
    allowErrors: isOn(parsed, "--allow-errors") ?? false,
    pipelining: !isOn(parsed, "--no-pipelining"),
  })
  return prepared.ok ? accepted(prepared.value) : prepared
}

function selectionOf(parsed: Parsed): { readonly [part: string]: string } {
  const parts = (["cells", "from", "until"] as const).map((part) => [part, lastValueOf(parsed, `--${part}`)] as const)
  return Object.fromEntries(parts.flatMap(([part, value]) => (value === undefined ? [] : [[part, value]])))
}

async function execute({ order, redact }: Prepared, { parsed, edge, storage, early, output, numbers }: Whole): Promise<number> {
  const cwd = lastValueOf(parsed, "--cwd")
  const starting = await startingFrom(early, order, {
    startTimeoutMs: numbers.startTimeoutMs,
    preparePython: edge.preparePython,
    ...(cwd === undefined ? {} : { cwd }),
  })
  return conductAndReport({ edge, parsed, storage, order, output, ...starting, redact, keepKernelMs: numbers.keepKernelMs })
}

/** The kernel that is starting already, when it is the one that is wanted. */
async function startingFrom(early: EarlyKernel, order: Order, wish: KernelWish): ReturnType<typeof startingKernel> {
  const starting = await startingKernel(early.kernels, order, wish)
  const { kernel } = early
  return kernel && starting.isListed && early.name === order.kernelName ? { ...starting, start: () => kernel } : starting
}
