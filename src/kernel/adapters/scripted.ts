/**
 * Kernels for tests: canned answers, no process, no real time unless asked, and the same seed always plays the same order.
 * They behave like a protocol 5.4 kernel in all that a client relies on.
 *
 *     const kernels = scriptedKernels({ "1 / 0": error("ZeroDivisionError"), slow: [stdout("…"), hangs()] })
 *     const kernel = await kernels.start("script")
 */
import { Fault } from "#base/fault.ts"
import { connect, connectionFile } from "#kernel/adapters/scripted/client.ts"
import { ScriptedProcess } from "#kernel/adapters/scripted/process.ts"
import { answerTo, type Script, type ScriptedOptions, specsOf } from "#kernel/adapters/scripted/script.ts"
import { type Deed, type Live, pump, record, settle, tick, turn, type World } from "#kernel/adapters/scripted/world.ts"
import type { Exit, KeptKernel, Kernel, Kernels, Launch } from "#kernel/ports.ts"

export {
  askExit,
  asks,
  asOutputOf,
  clear,
  commClose,
  commMsg,
  commOpen,
  dies,
  display,
  error,
  errorOutput,
  errorReply,
  hangs,
  idleFirst,
  later,
  raw,
  replies,
  restartsItself,
  result,
  type Say,
  setNextInput,
  stderr,
  stdout,
  update,
  waits,
} from "#kernel/adapters/scripted/say.ts"
export type { Answer, Heard, Script, ScriptedOptions } from "#kernel/adapters/scripted/script.ts"
export type { Deed } from "#kernel/adapters/scripted/world.ts"

export type ScriptedKernels = Kernels & {
  /** All that was done, in order. */
  readonly transcript: readonly Deed[]
  /** The transcript in lines, "1 executes a = 1" each. */
  story(): string
  /** What was done in that way, in order: `whats("executes")` is the sources that ran. */
  whats(did: Deed["did"]): readonly string[]
  /** Does up to `units` units of work by hand; false when there was none to do. */
  tick(units?: number): boolean
  /** Works until nothing is left but what waits for the client. */
  settle(): Promise<void>
  /** Ends a kernel's process from outside, as a signal would; by default SIGKILL. */
  kill(kernel: number, exit?: Partial<Exit>): void
}

export function scriptedKernels(script: Script, options: ScriptedOptions = {}): ScriptedKernels {
  const world: World = { options, deeds: [], lives: [], pumping: false, clients: 0, turns: 0 }
  const random = options.seed === undefined ? undefined : randomFrom(options.seed)
  return {
    transcript: world.deeds,
    story: () => world.deeds.map((deed) => `${deed.kernel} ${deed.did}${deed.what ? ` ${deed.what}` : ""}`).join("\n"),
    whats: (did) => world.deeds.filter((deed) => deed.did === did).map((deed) => deed.what),
    tick: (units = 1) => tick(world, units),
    settle: () => settle(world),
    kill: (number, exit) => kill(world, number, exit ?? {}),
    list: async () => specsOf(options),
    start: (name, launch) => start(world, name, { script, random, launch: launch ?? {} }),
    attach: (kept) => attach(world, kept),
    close: async () => {
      for (const live of world.lives) await live.kernel?.close()
    },
  }
}

type Start = { readonly script: Script; readonly random: (() => number) | undefined; readonly launch: Launch }

async function start(world: World, name: string, { script, random, launch }: Start): Promise<Kernel> {
  const { options } = world
  await turn()
  const names = specsOf(options).map((spec) => spec.name)
  if (!names.includes(name)) {
    throw new Fault("no_such_kernel", `There is no kernel named "${name}"; there are: ${names.join(", ")}.`, { remedy: "Name one of them." })
  }
  if (options.startFails !== undefined) throw new Fault("kernel_start_failed", options.startFails)
  const number = world.lives.length + 1
  const process = new ScriptedProcess({
    name: `kernel-${number}`,
    aborts: options.aborts ?? true,
    conditional: options.features?.includes("conditional execute") ?? false,
    random,
    answer: (request, memory) => answerTo(request, memory, { script, options }),
    tell: (did, request, what) => record(world, { kernel: number, did, request, ...(what === undefined ? {} : { what }) }),
  })
  const live: Live = { number, name, process, kernel: undefined }
  world.lives.push(live)
  world.deeds.push({ kernel: number, did: "started", what: name, msgId: "", content: {}, launch })
  return connect(world, live, "scripted")
}

async function attach(world: World, kept: KeptKernel): Promise<Kernel> {
  await turn()
  const live = world.lives.find((one) => connectionFile(one) === kept.connectionFile)
  if (!live?.process.alive) throw new Fault("kernel_died", "The kernel that was kept is gone.", { remedy: "Start a new one." })
  record(world, { kernel: live.number, did: "attached" })
  return connect(world, live, "attached")
}

function kill(world: World, number: number, exit: Partial<Exit>): void {
  const live = world.lives[number - 1]
  if (!live) throw new Error(`no kernel ${number} was started`)
  live.process.die({ code: null, signal: "SIGKILL", outOfMemory: false, stderrTail: "", ...exit })
  pump(world)
}

/** mulberry32: small, seeded, even enough to choose an order with. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
