/** The vocabulary of the tests of live sessions: a platform with a host for them, a server's link to it, and somebody who listens. */
import { createHash } from "node:crypto"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { accepted, refused } from "#base/outcome.ts"
import type { Database } from "#database/index.ts"
import type { Kernels } from "#kernel/index.ts"
import type { Actor } from "#people/index.ts"
import { openSessionJournal, readSessionJournal } from "#run/adapters/journal-file.ts"
import { placed, withContent } from "#run/adapters/journal-format.ts"
import { systemTimers } from "#run/adapters/system.ts"
import { loadExplorers } from "#work/adapters/explorers.ts"
import { thisHost } from "#work/adapters/host.ts"
import { dialer, listenLocally } from "#work/adapters/link-socket.ts"
import { sessionSpools } from "#work/adapters/session-spools.ts"
import { openLink } from "#work/link.ts"
import type { Wire } from "#work/link-wire.ts"
import { SessionHost, type SessionHostOptions } from "#work/session-host.ts"
import type { Link, SessionLine } from "#work/session-line.ts"
import { serveLink } from "#work/session-serve.ts"
import type { ExecutionState, ExecutionView, LiveOutput, OutputChange, SessionState, SessionView, Told } from "#work/session-view.ts"
import { eventually, random, type Site, workerOptions } from "#work/testing.ts"
import { startWorker } from "#work/worker.ts"
import type { WorkWorld } from "#work/world.ts"

export type HostSpec = {
  readonly kernels: Kernels
  readonly kernelName?: string
  readonly leaseMs?: number
  readonly warm?: number
  readonly options?: Partial<SessionHostOptions>
  readonly pool?: Parameters<typeof workerOptions>[2]["options"]
}

export type Hosted = { readonly host: SessionHost; readonly address: string; stop(): Promise<void> }

/** An environment that is known, and cannot be built when it comes to that. */
export const UNBUILDABLE = "5b".repeat(32)

/** A worker that holds sessions, reached at a socket. */
export async function hostSessions(site: Site & { readonly database: Database; readonly world: WorkWorld }, spec: HostSpec): Promise<Hosted> {
  const { kernels, kernelName = "python3", leaseMs = 20_000, warm = 0 } = spec
  mkdirSync(join(site.home, "run"), { recursive: true })
  const proving = { seal: site.world.seal, random, after: systemTimers.after }
  let host: SessionHost | undefined
  const link = await listenLocally(join(site.home, "run"), (wire) => host && void serveLink(host, wire, proving).catch(() => undefined))
  const tell = (line: string) => void (process.env["STET_TEST_TELL"] && process.stderr.write(`${line}\n`))
  const worked = workerOptions(site, site.database, {
    kernels,
    kernelName,
    leaseMs,
    warm,
    tell,
    options: { ...spec.pool, address: link.address, facts: { sessionSlots: 16 } },
  })
  const worker = await startWorker(site.world, worked)
  host = new SessionHost(site.world, {
    worker: worker.id,
    pool: worker.pool,
    kept: worker.kept,
    withContent,
    preparing: {
      resolve: async ({ asked }) =>
        asked === UNBUILDABLE
          ? refused({ refused: "environment_unusable", message: "A package of it is not there any more.", remedy: "" })
          : accepted({
              sha256: "e".repeat(64),
              name: asked ?? "test",
              kind: "captured",
              // By its digest it is what a run had, or what was chosen in its place.
              kernelName: asked === undefined || /^[0-9a-f]{64}$/.test(asked) ? kernelName : asked,
              launch: { jupyterPath: undefined, prefix: undefined },
            }),
      kernels: () => kernels,
    },
    spools: sessionSpools(join(site.home, "spool", "sessions"), { open: openSessionJournal, read: readSessionJournal }),
    explorers: loadExplorers(),
    host: thisHost(),
    slots: 16,
    idleMs: 3_600_000,
    mostDiskBytes: 10_000_000_000,
    inputMs: 3_600_000,
    leaseMs,
    heartbeatDb: site.database.db,
    timers: systemTimers,
    placed,
    tell,
    ...spec.options,
  })
  host.start()
  const there = host
  return {
    host: there,
    address: link.address,
    async stop() {
      await there.drain()
      await link.close()
      await worker.stop()
    },
  }
}

/** `wires`: takes the connections that it makes, so that they can be cut. */
export function linkOf(world: WorkWorld, leaseMs = 20_000, wires: Wire[] = []): Promise<Link> {
  const dial = async (address: string) => {
    const wire = await dialer(world.seal)(address)
    wires.push(wire)
    return wire
  }
  return openLink({ world, dial, timers: systemTimers, leaseMs, tell: () => {} })
}

/** Somebody who follows a session as a browser does. */
export class Watcher {
  readonly line: SessionLine
  readonly told: Told[] = []
  readonly executions = new Map<string, ExecutionView>()
  session: SessionView | null = null
  readonly #shown = new Map<string, { next: number; outputs: LiveOutput[] }>()
  /** How often it had to ask for all of an execution's outputs. */
  asked = 0
  #asking: Promise<void> = Promise.resolve()

  constructor(line: SessionLine) {
    this.line = line
    line.listen((told) => this.#hear(told))
  }

  async run(actor: Actor, ...sources: readonly string[]): Promise<readonly ExecutionView[]> {
    return this.runCells(
      actor,
      sources.map((source, at) => [`cell-${at + 1}`, source]),
    )
  }

  async runCells(actor: Actor, cells: readonly (readonly [string, string])[], stopOnError = true): Promise<readonly ExecutionView[]> {
    const asked = cells.map(([cell, source]) => ({ cell, source, sourceSha256: createHash("sha256").update(source).digest("hex") }))
    const ran = await this.line.run(actor, asked, { stopOnError })
    if (!ran.ok) throw new Error(`${ran.refusal.refused}: ${ran.refusal.message}`)
    return ran.value
  }

  until(id: string, state: ExecutionState, ms = 40_000): Promise<ExecutionView> {
    return eventually(
      `${id} is ${state}`,
      async () => {
        const one = this.executions.get(id)
        return one?.state === state && one
      },
      ms,
    )
  }

  untilSession(state: SessionState, ms = 40_000): Promise<SessionView> {
    return eventually(`the session is ${state}, not ${this.session?.state}`, async () => this.session?.state === state && this.session, ms)
  }

  async outputs(id: string): Promise<readonly LiveOutput[]> {
    await this.#asking
    return this.#shown.get(id)?.outputs ?? []
  }

  async text(id: string): Promise<string> {
    return (await this.outputs(id)).map((output) => (output.output_type === "stream" ? String(output["text"]) : "")).join("")
  }

  #hear(told: Told): void {
    this.told.push(told)
    if (told.tell === "session") this.session = told.session
    if (told.tell === "execution") this.executions.set(told.execution.id, told.execution)
    if (told.tell === "outputs") this.#asking = this.#asking.then(() => this.#show(told))
  }

  async #show({ execution, from, changes }: Extract<Told, { tell: "outputs" }>): Promise<void> {
    const shown = this.#shown.get(execution) ?? { next: 0, outputs: [] }
    this.#shown.set(execution, shown)
    if (from > shown.next) {
      this.asked++
      const all = await this.line.outputs(execution)
      if (!all.ok) throw new Error(all.refusal.message)
      shown.next = all.value.next
      shown.outputs = [...all.value.outputs]
    }
    changes.forEach((change, at) => {
      if (from + at !== shown.next) return
      shown.next++
      apply(shown.outputs, change)
    })
  }
}

function apply(outputs: LiveOutput[], change: OutputChange): void {
  if (change.op === "clear") outputs.splice(0)
  else if (change.op === "append") outputs.push(change.output)
  else if (change.op === "set") outputs[change.index] = change.output
  else outputs[change.index] = { ...outputs[change.index]!, text: `${String(outputs[change.index]!["text"])}${change.text}` }
}
