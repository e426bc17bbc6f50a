/** The vocabulary of tests that talk to real kernels. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { type LocalKernels, localKernels } from "#kernel/adapters/local.ts"
import type { Execute, Kernel, KernelEvent, Message } from "#kernel/index.ts"

/** The interpreter that Python tests use, if one is named: its kernels are searched before all others. */
export function testPython(): string | undefined {
  return process.env["STET_TEST_PYTHON"] || undefined
}

/** The environment in which tests look for kernels. */
export function testEnv(): NodeJS.ProcessEnv {
  const python = testPython()
  if (!python) return process.env
  const own = join(dirname(dirname(python)), "share", "jupyter")
  return { ...process.env, JUPYTER_PATH: [own, process.env["JUPYTER_PATH"]].filter(Boolean).join(":") }
}

/** Local kernels in a folder of their own. `leftovers()` names what is still in it after `close`. */
export function testKernels(): LocalKernels & { readonly runtimeDir: string } {
  const runtimeDir = mkdtempSync(join(tmpdir(), "stet-test-"))
  const python = testPython()
  const kernels = localKernels({ runtimeDir, env: testEnv(), ...(python ? { managedPython: python } : {}) })
  return {
    runtimeDir,
    list: () => kernels.list(),
    problems: () => kernels.problems(),
    start: (name, launch) => kernels.start(name, launch),
    attach: (kept) => kernels.attach(kept),
    close: async () => {
      await kernels.close()
      rmSync(runtimeDir, { recursive: true, force: true })
    },
  }
}

/** What one request came to. */
export type Answer = {
  readonly id: string
  readonly status: string
  readonly reply: Message
  /** Everything said on iopub for it, in order. */
  readonly said: readonly Message[]
  /** Text of its streams. */
  readonly text: string
}

/** A kernel and everything it said. */
export type Talk = {
  readonly kernel: Kernel
  readonly events: KernelEvent[]
  /** Executes and waits for reply and idle. */
  run(code: string, more?: Partial<Execute>): Promise<Answer>
  /** Waits for reply and idle of a request that is under way. */
  answer(id: string): Promise<Answer>
  /** Waits for the first event, past or to come, that fits. */
  until<Found>(find: (event: KernelEvent) => Found | undefined): Promise<Found>
}

/** Begins to listen to a kernel. */
export function talk(kernel: Kernel): Talk {
  const events: KernelEvent[] = []
  const waiting = new Set<() => void>()
  kernel.listen((event) => {
    events.push(event)
    for (const look of [...waiting]) look()
  })
  const until = <Found>(find: (event: KernelEvent) => Found | undefined) => {
    let at = 0
    return new Promise<Found>((resolve) => {
      const look = () => {
        for (; at < events.length; at++) {
          const found = find(events[at]!)
          if (found === undefined) continue
          waiting.delete(look)
          return resolve(found)
        }
      }
      waiting.add(look)
      look()
    })
  }
  const answer = async (id: string): Promise<Answer> => {
    const of = (event: KernelEvent) => (event.type === "said" && event.message.parentId === id ? event.message : undefined)
    const reply = await until((event) => (of(event)?.header.msg_type.endsWith("_reply") && of(event)?.channel !== "iopub" ? of(event) : undefined))
    await until((event) => (of(event)?.header.msg_type === "status" && of(event)?.content["execution_state"] === "idle" ? true : undefined))
    const said = events.flatMap((event) => of(event) ?? []).filter((message) => message.channel === "iopub")
    const text = said.flatMap((message) => (message.header.msg_type === "stream" ? [String(message.content["text"])] : [])).join("")
    return { id, status: String(reply.content["status"]), reply, said, text }
  }
  return { kernel, events, answer, until, run: (code, more = {}) => answer(kernel.execute({ code, ...more })) }
}
