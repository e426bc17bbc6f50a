/**
 * Kernels that are ready before anybody asks. Each is handed out once and never comes back; a new one is made behind it.
 * What was asked for last is what is kept warm; when memory is short, nothing is.
 */
import type { Random } from "#base/id.ts"
import { newId } from "#base/id.ts"
import type { Clock } from "#base/time.ts"
import type { Confinement, Kernel, Kernels, Launch } from "#kernel/index.ts"
import type { Host, Scratch, Scratches } from "#work/ports.ts"
import { type Resources, within } from "#work/terms.ts"

/** What kernels are alike in. */
export type Kind = {
  /** Digest of the environment, and what makes its kernels different from others. */
  readonly key: string
  readonly kernelName: string
  readonly kernels: Kernels
  /** Less than any kernel of the worker may use; part of the key. */
  readonly resources?: Resources
}

export type Seat = {
  readonly scratch: Scratch
  /** The first call starts it, or gives the one that is there. @throws as `Kernels.start` */
  readonly start: (cwd: string, startTimeoutMs?: number) => Promise<Kernel>
  readonly isWarm: boolean
}

export type PoolOptions = {
  /** Warm kernels at most. */
  readonly warm: number
  readonly scratches: Scratches
  /** How a kernel with that directory is confined. */
  readonly confine?: ((scratchRoot: string) => Confinement) | undefined
  readonly host: Host
  readonly clock: Clock
  readonly random: Random
  /** Below this many available bytes no kernel is started in advance, and those that were are ended. Default 1 GB. */
  readonly leastBytes?: number
}

type Ready = { readonly kind: Kind; readonly scratch: Scratch; readonly kernel: Promise<Kernel>; isUp: boolean }

const LEAST_BYTES = 1_000_000_000
/** A kernel that does not come up in advance is not tried again at once. */
const SULK_MS = 30_000

export class Pool {
  readonly #options: PoolOptions
  #ready: Ready[] = []
  /** Most recently asked for last. */
  #wanted: Kind[] = []
  readonly #sulksUntil = new Map<string, number>()
  #isClosed = false

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /** How many are up. */
  get size(): number {
    return this.#ready.filter((one) => one.isUp).length
  }

  /** Kernels of this kind will be asked for. */
  prime(kind: Kind): void {
    this.#wanted = [...this.#wanted.filter((one) => one.key !== kind.key), kind]
    this.#fill()
  }

  /** A directory, and a kernel for it; whoever takes it closes the kernel and removes the directory. */
  take(kind: Kind): Seat {
    const found = this.#ready.find((one) => one.kind.key === kind.key && one.isUp)
    if (found) this.#ready = this.#ready.filter((one) => one !== found)
    const scratch = found?.scratch ?? this.#options.scratches.make(this.#name())
    // A moment later: the run that was waited for goes first.
    this.#options.warm > 0 && queueMicrotask(() => this.prime(kind))
    const cold = (cwd: string, startTimeoutMs?: number) => this.#start(kind, scratch, { cwd, ...(startTimeoutMs ? { startTimeoutMs } : {}) })
    return { scratch, isWarm: found !== undefined, start: found ? () => found.kernel : cold }
  }

  /** Ends what is too much: called now and then, and when memory is short. */
  tend(): void {
    if (this.#isShort()) for (const one of this.#ready.splice(0)) void end(one)
    else this.#fill()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all(this.#ready.splice(0).map(end))
  }

  #isShort(): boolean {
    return this.#options.host.availableBytes() < (this.#options.leastBytes ?? LEAST_BYTES)
  }

  #fill(): void {
    const { warm, clock } = this.#options
    if (this.#isClosed || warm === 0 || this.#isShort()) return
    this.#wanted = this.#wanted.slice(-warm)
    for (const [kind, count] of shares(this.#wanted, warm)) {
      const there = this.#ready.filter((one) => one.kind.key === kind.key).length
      if ((this.#sulksUntil.get(kind.key) ?? 0) > clock.steady()) continue
      for (let missing = count - there; missing > 0; missing--) this.#warm(kind)
    }
    const keys = new Set(this.#wanted.map(({ key }) => key))
    const surplus = this.#ready.filter((one) => !keys.has(one.kind.key))
    this.#ready = this.#ready.filter((one) => keys.has(one.kind.key))
    for (const one of surplus) void end(one)
  }

  #warm(kind: Kind): void {
    const scratch = this.#options.scratches.make(this.#name())
    const one: Ready = { kind, scratch, kernel: this.#start(kind, scratch, { cwd: scratch.path }), isUp: false }
    this.#ready.push(one)
    const drop = () => {
      if (!this.#ready.includes(one)) return
      this.#ready = this.#ready.filter((other) => other !== one)
      this.#sulksUntil.set(kind.key, this.#options.clock.steady() + SULK_MS)
      void end(one)
    }
    one.kernel.then((kernel) => {
      one.isUp = true
      kernel.listen((event) => event.type === "died" && drop())
    }, drop)
  }

  #start({ kernels, kernelName, resources = {} }: Kind, scratch: Scratch, launch: Launch): Promise<Kernel> {
    const given = this.#options.confine?.(scratch.root)
    const confine = given && within(given, resources)
    return kernels.start(kernelName, { ...launch, historyOff: true, zygote: true, ...(confine ? { confine } : {}) })
  }

  /** Whose it is can be told by its name: see recover-spools.ts. */
  #name(): string {
    return `${this.#options.host.pid}-${newId(this.#options.clock.now(), this.#options.random)}`
  }
}

/** How many of each kind: one of each, and what is left for the one that was asked for last. */
function shares(wanted: readonly Kind[], warm: number): [Kind, number][] {
  const spare = Math.max(0, warm - wanted.length)
  return wanted.map((kind, index) => [kind, index === wanted.length - 1 ? 1 + spare : 1])
}

async function end({ kernel, scratch }: Ready): Promise<void> {
  await kernel.then(
    (up) => up.close({ graceMs: 0 }),
    () => undefined,
  )
  scratch.remove()
}
