import { rmSync } from "node:fs"
import { dirname, join } from "node:path"
import { Fault, isFault } from "#base/fault.ts"
import { type Plan, planStart } from "#kernel/adapters/commands.ts"
import { type Connection, makeConnection, makeKernelFolder } from "#kernel/adapters/connection.ts"
import { type Enclosure, Enclosures } from "#kernel/adapters/enclosure.ts"
import { takeKept, writeNote } from "#kernel/adapters/kept.ts"
import { type Launched, Launcher } from "#kernel/adapters/launcher.ts"
import { LocalKernel, type Origin } from "#kernel/adapters/local_kernel.ts"
import { watch } from "#kernel/adapters/process.ts"
import { type Found, type FoundSpec, findSpecs } from "#kernel/adapters/specs.ts"
import { reducedEnv } from "#kernel/confine.ts"
import { meantName, nearestFirst, nearName, saysIdleEarly, transportsOf } from "#kernel/kernelspec.ts"
import type { Confinement, KeptKernel, Kernel, KernelSpec, Kernels, Launch } from "#kernel/ports.ts"

export type LocalOptions = {
  /** Where folders for sockets are made; default $XDG_RUNTIME_DIR, else the system's temporary folder. */
  readonly runtimeDir?: string
  /** Environment to search in and to start kernels with; default our own. */
  readonly env?: NodeJS.ProcessEnv
  /** Interpreter of the Python environment that Stet manages; its kernels are searched too, after all others. */
  readonly managedPython?: string
}

/** Kernels that run as processes on this machine. */
export interface LocalKernels extends Kernels {
  /** One sentence for every kernelspec that `list` passes over because it cannot be started. */
  problems(): Promise<readonly string[]>
}

const START_TIMEOUT_MS = 60_000

type Traits = Pick<Origin, "interruptMode" | "isUnbounded" | "isIdleEarly" | "startTimeoutMs"> & {
  readonly cwd: string
  readonly enclosure?: Enclosure | undefined
}

export function localKernels(options: LocalOptions = {}): LocalKernels {
  return new Household(options)
}

/** Everything that one owner started. */
class Household implements LocalKernels {
  readonly #options: LocalOptions
  readonly #env: NodeJS.ProcessEnv
  readonly #launcher: Launcher
  readonly #enclosures = new Enclosures()
  readonly #living = new Set<LocalKernel>()

  constructor(options: LocalOptions) {
    this.#options = options
    this.#env = options.env ?? process.env
    this.#launcher = new Launcher(options.runtimeDir, this.#env)
  }

  async list(): Promise<readonly KernelSpec[]> {
    return [...this.#found().specs.values()]
  }

  async problems(): Promise<readonly string[]> {
    return this.#found().problems
  }

  async start(name: string, wanted: Launch = {}): Promise<Kernel> {
    const spec = this.#find(name)
    let fault: unknown
    for (const transport of transportsOf(spec)) {
      if (transport === "tcp" && wanted.confine?.network === false) throw fault ?? unreachable(name)
      try {
        return await this.#startOver(transport, spec, wanted)
      } catch (error) {
        // What a kernel says of a socket that it cannot make differs from one to the next; that it ended is what they share.
        if (!isFault(error) || error.code !== "kernel_start_failed") throw error
        fault = error
      }
    }
    throw fault
  }

  async #startOver(transport: "ipc" | "tcp", spec: FoundSpec, wanted: Launch): Promise<Kernel> {
    const folder = makeKernelFolder(this.#options.runtimeDir, wanted.confine ? {} : this.#env)
    const enclosure = wanted.confine && (await this.#enclose(wanted.confine, folder, spec))
    const connection = await makeConnection(folder, transport, spec.name, enclosure?.sockets)
    const plan = confinedPlan(planStart(spec, connection.file, wanted, enclosure ? reducedEnv(this.#env) : this.#env), enclosure)
    enclosure?.furnish({ connection: connection.file, output: outputFile(connection) })
    const { interruptMode } = spec
    const isIdleEarly = saysIdleEarly(spec)
    const traits = {
      interruptMode,
      isUnbounded: plan.isIpykernel,
      isIdleEarly,
      cwd: plan.cwd,
      startTimeoutMs: wanted.startTimeoutMs ?? START_TIMEOUT_MS,
    }
    const around = { imports: wanted.zygoteImports ?? [], enclosure }
    return this.#raise(this.#origin(connection, { ...traits, enclosure }, () => this.#launcher.launch(plan, outputFile(connection), around)))
  }

  /** @throws Fault isolation_unavailable */
  async #enclose(confine: Confinement, folder: string, spec: FoundSpec): Promise<Enclosure> {
    try {
      return await this.#enclosures.open(confine, { folder, key: JSON.stringify([spec.argv[0], spec.resourceDir]) })
    } catch (error) {
      rmSync(folder, { recursive: true, force: true })
      throw error
    }
  }

  async attach(kept: KeptKernel): Promise<Kernel> {
    const { connection, note } = takeKept(kept)
    this.#launcher.adopt(kept.pid, dirname(connection.file))
    let isRestart = false
    const launch = async (): Promise<Launched> => {
      if (isRestart) return this.#relaunch(kept.kernelName, connection, note.cwd)
      isRestart = true
      return { process: watch(kept.pid), from: "attached" }
    }
    return this.#raise(this.#origin(connection, { ...note, startTimeoutMs: START_TIMEOUT_MS }, launch))
  }

  async close(): Promise<void> {
    await Promise.all([...this.#living].map((kernel) => kernel.close()))
    await this.#launcher.close()
    this.#enclosures.close()
  }

  /** Starts a kernel that `close` can end at any moment. */
  async #raise(origin: Origin): Promise<LocalKernel> {
    const kernel = new LocalKernel(origin)
    this.#living.add(kernel)
    await kernel.begin()
    return kernel
  }

  #relaunch(name: string, connection: Connection, cwd: string): Promise<Launched> {
    const around = { imports: [], enclosure: undefined }
    return this.#launcher.launch(planStart(this.#find(name), connection.file, { cwd }, this.#env), outputFile(connection), around)
  }

  #origin(connection: Connection, traits: Traits, launch: Origin["launch"]): Origin {
    const { interruptMode, isUnbounded, isIdleEarly, cwd, startTimeoutMs, enclosure } = traits
    const folder = dirname(connection.file)
    return {
      connection,
      interruptMode,
      isUnbounded,
      isIdleEarly,
      startTimeoutMs,
      outputFile: outputFile(connection),
      noteFile: join(dirname(connection.ip), "request"),
      launch,
      ...(enclosure ? { confined: enclosure.confined, account: enclosure.account, counters: enclosure.counters } : {}),
      clear: async () => {
        await enclosure?.leave()
        if (enclosure) this.#launcher.leave(enclosure)
      },
      onGone: ({ pid }) => this.#launcher.forget(pid),
      onClosed: (kernel) => {
        this.#living.delete(kernel)
        this.#launcher.release(folder)
      },
      keep: ({ pid }, forMs) => {
        const startedAt = Date.now()
        const until = startedAt + forMs
        writeNote(connection.file, pid, { interruptMode, isUnbounded, isIdleEarly, cwd })
        this.#launcher.keep(pid, folder, until)
        return { connectionFile: connection.file, kernelName: connection.kernelName, pid, startedAt, until }
      },
    }
  }

  #found(): Found {
    return findSpecs(this.#env, this.#options.managedPython)
  }

  #find(name: string): FoundSpec {
    const { specs } = this.#found()
    const spec = specs.get(meantName(name, new Set(specs.keys())))
    if (spec) return spec
    const there = nearestFirst(name, [...specs.keys()])
    const near = nearName(name, there)
    throw new Fault(
      "no_such_kernel",
      `There is no kernel named ${JSON.stringify(name)}. ${there.length ? `There are: ${there.join(", ")}.` : "None is installed."}`,
      {
        remedy: there[0]
          ? `${near ? `Use ${near} (--kernel ${near})` : "Use one of these (--kernel NAME)"}, or install the kernel that is meant.`
          : "Install one, for instance with: python3 -m pip install ipykernel",
      },
    )
  }
}

function unreachable(name: string): Fault {
  return new Fault("isolation_unavailable", `The kernel ${name} speaks over TCP, and in a network of its own nobody could reach it.`, {
    remedy: "Allow it the network.",
  })
}

/** A confined kernel is at home in its scratch directory. The zygote's own environment is not touched: it is nobody's home. */
function confinedPlan(plan: Plan, enclosure: Enclosure | undefined): Plan {
  return enclosure ? { ...plan, env: { ...plan.env, ...enclosure.env } } : plan
}

function outputFile(connection: Connection): string {
  return join(dirname(connection.file), "output")
}
