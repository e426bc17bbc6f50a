/** Runs of real kernels, cancelled in the very moment in which a cell begins: one whose signal went by would end with its kernel, after the whole grace. */
import { afterAll, expect, test } from "vitest"
import { localKernels } from "#kernel/adapters/local.ts"
import { systemClock, systemTimers } from "#run/adapters/system.ts"
import { Drive } from "#run/drive.ts"
import type { Journal } from "#run/ports.ts"
import type { RunEvent } from "#run/run.ts"
import { memoryJournal, notebookOf, orderOf } from "#run/testing.ts"

const kernels = localKernels()
afterAll(() => kernels.close())
const installed = new Set((await kernels.list()).map((spec) => spec.name))

const LONG: { readonly [kernel: string]: string } = { python3: "import time\ntime.sleep(60)", bash: "sleep 60", ir: "Sys.sleep(60)" }
const GRACE_MS = 8_000

const INSTANTS: { readonly [name: string]: (event: RunEvent) => boolean } = {
  "is sent": ({ type }) => type === "sent",
  begins: (event) => event.type === "said" && event.message.content["execution_state"] === "busy" && event.message.parentId !== "",
}

/** How long one took to end after it was cancelled, so long after the instant; and how it ended. */
async function cancelled(
  kernel: string,
  is: (event: RunEvent) => boolean,
  afterMs: number,
  source = LONG[kernel]!,
): Promise<{ readonly tookMs: number; readonly state: string }> {
  const order = orderOf(notebookOf(source, "1"), { kernelName: kernel, limits: { interruptGraceMs: GRACE_MS } })
  let cancelledAt = 0
  const cancel = () => {
    cancelledAt = performance.now()
    drive.cancel("a test")
  }
  const memory = memoryJournal()
  const journal: Journal = {
    ...memory,
    append(event) {
      if (is(event) && !memory.events.some(is)) afterMs > 0 ? setTimeout(cancel, afterMs) : queueMicrotask(cancel)
      return memory.append(event)
    },
  }
  const drive = new Drive(order, { journal, clock: systemClock, timers: systemTimers, placed: (message) => message })
  const { run, kernel: used } = await drive.run(kernels.start(kernel), kernel)
  const tookMs = performance.now() - cancelledAt
  await used?.close()
  return { tookMs, state: `${run.status}: ${run.cells.map((cell) => cell.state).join(" ")}` }
}

for (const kernel of Object.keys(LONG))
  for (const [instant, is] of Object.entries(INSTANTS))
    test.runIf(installed.has(kernel))(`a cell in ${kernel} that is cancelled as it ${instant} ends by the signal`, { timeout: 120_000 }, async () => {
      for (let round = 0; round < (kernel === "python3" ? 12 : 3); round++) {
        const { tookMs, state } = await cancelled(kernel, is, round % 3)
        expect(state).toBe("cancelled: cancelled not_run")
        expect(tookMs, `in round ${round}`).toBeLessThan(GRACE_MS / 2)
      }
    })

test.runIf(installed.has("python3"))("a signal that went by as a cell began is sent once more", { timeout: 60_000 }, async () => {
  const deaf =
    "import signal, time\nheard = signal.getsignal(signal.SIGINT)\nsignal.signal(signal.SIGINT, lambda *_: signal.signal(signal.SIGINT, heard))\n"
  const { tookMs, state } = await cancelled("python3", INSTANTS["begins"]!, 0, `${deaf}time.sleep(60)`)
  expect(state).toBe("cancelled: cancelled not_run")
  expect(tookMs).toBeLessThan(GRACE_MS / 2)
})
