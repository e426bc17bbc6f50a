import { rmSync } from "node:fs"
import { dirname, join } from "node:path"
import { LAUNCHER, type Plan, zygoteKey } from "#kernel/adapters/commands.ts"
import { makeKernelFolder } from "#kernel/adapters/connection.ts"
import type { Enclosure } from "#kernel/adapters/enclosure.ts"
import { type Guard, openGuard, openKeeper } from "#kernel/adapters/guard.ts"
import { launch, launchSandbox, type Running } from "#kernel/adapters/process.ts"
import { openZygote, type Zygote } from "#kernel/adapters/zygote.ts"

/** What a start has to do with beside its plan. */
export type Around = { readonly imports: readonly string[]; readonly enclosure: Enclosure | undefined }

export type Launched = { readonly process: Running; readonly from: "cold" | "zygote" | "attached" }

const MOST_ZYGOTES = 8

/** Starts processes, cold or from a zygote, and sees to it that none outlives us unless it is kept. */
export class Launcher {
  readonly #makeFolder: () => string
  readonly #zygotes = new Map<string, Zygote & { readonly folder: string }>()
  #guard: Guard | undefined

  constructor(runtimeDir: string | undefined, env: NodeJS.ProcessEnv) {
    this.#makeFolder = () => makeKernelFolder(runtimeDir, env)
  }

  /** @throws Fault kernel_start_failed when there is no such program or folder, isolation_unavailable */
  async launch(plan: Plan, outputFile: string, { imports, enclosure }: Around): Promise<Launched> {
    const folder = dirname(outputFile)
    if (enclosure) this.#watchOver(enclosure)
    const order = enclosure && plan.zygote && { order: enclosure.order(plan.argv, plan.cwd), enter: (pid: number) => enclosure.box?.enter(pid) }
    const forking = this.#zygote(plan, { imports, enclosure })?.fork({
      ...plan,
      argv: plan.zygote?.argv ?? [],
      outputFile,
      ...(order ? { confine: order } : {}),
    })
    // A fork may take a while, so its folder is guarded meanwhile; before a cold start nothing may come, not even the guard's.
    if (forking) this.#watchman().add("folder", folder)
    const forked = await forking
    const process = forked ?? (await this.#startCold(plan, outputFile, enclosure))
    this.adopt(process.pid, folder)
    return { process, from: forked ? "zygote" : "cold" }
  }

  /** Nothing of the kernel is left: its user and control groups may be somebody else's from now on. */
  leave({ confined, family, box }: Enclosure): void {
    if (family) this.#guard?.remove("user", confined.uid)
    for (const group of box?.folders ?? []) this.#guard?.remove("box", group)
  }

  /** From now on the group and its folder go when we are gone. */
  adopt(group: number, folder: string): void {
    this.#watchman().add("group", group)
    this.#watchman().add("folder", folder)
  }

  /** The group is empty: its number may belong to somebody else from now on. */
  forget(group: number): void {
    this.#guard?.remove("group", group)
  }

  /** The folder is gone, or somebody else's. */
  release(folder: string): void {
    this.#guard?.remove("folder", folder)
  }

  /** From now on the group lives without us, until then (ms since 1970). */
  keep(group: number, folder: string, untilMs: number): void {
    openKeeper(group, folder, untilMs)
    for (const zygote of this.#zygotes.values()) zygote.keep(group)
    this.forget(group)
    this.release(folder)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#zygotes.values()].map((zygote) => this.#closeZygote(zygote)))
    this.#zygotes.clear()
    await this.#guard?.close()
    this.#guard = undefined
  }

  #startCold(plan: Plan, outputFile: string, enclosure: Enclosure | undefined): Promise<Running> {
    if (!enclosure) return launch({ ...plan, outputFile })
    const { argv, isSandbox, filter } = enclosure.command(plan.argv, plan.cwd)
    return isSandbox ? launchSandbox({ ...plan, argv, outputFile }, filter) : launch({ ...plan, argv, outputFile })
  }

  #watchOver({ confined, family, box }: Enclosure): void {
    if (family) this.#watchman().add("user", confined.uid)
    for (const group of box?.folders ?? []) this.#watchman().add("box", group)
  }

  #watchman(): Guard {
    this.#guard ??= openGuard()
    return this.#guard
  }

  #zygote(plan: Plan, { imports, enclosure }: Around): Zygote | undefined {
    if (!plan.zygote || enclosure?.mayFork === false) return undefined
    const key = zygoteKey(plan, imports) + (enclosure?.nurseryKey(plan.zygote.interpreter) ?? "")
    const known = this.#zygotes.get(key)
    this.#zygotes.delete(key)
    if (known && !known.isLost()) {
      this.#zygotes.set(key, known)
      return known
    }
    if (known) void this.#closeZygote(known)
    this.#makeRoom()
    const folder = this.#makeFolder()
    const { interpreter, env } = plan.zygote
    const wrap = enclosure?.family && ((argv: readonly string[]) => enclosure.nursery(argv))
    const options = { interpreter, env, launcher: LAUNCHER, imports, outputFile: join(folder, "output") }
    const zygote = { ...openZygote({ ...options, ...(wrap ? { confine: { wrap, family: enclosure.family! } } : {}) }), folder }
    if (zygote.pid !== undefined) this.adopt(zygote.pid, folder)
    this.#zygotes.set(key, zygote)
    return zygote
  }

  /** Each holds some sixty megabytes: of those that no kernel needs, the ones not asked for longest go first. */
  #makeRoom(): void {
    const idle = [...this.#zygotes].filter(([, zygote]) => zygote.isIdle())
    for (const [key, zygote] of idle.slice(0, Math.max(0, this.#zygotes.size + 1 - MOST_ZYGOTES))) {
      this.#zygotes.delete(key)
      void this.#closeZygote(zygote)
    }
  }

  async #closeZygote(zygote: Zygote & { readonly folder: string }): Promise<void> {
    await zygote.close()
    if (zygote.pid !== undefined) this.forget(zygote.pid)
    rmSync(zygote.folder, { recursive: true, force: true })
    this.release(zygote.folder)
  }
}
