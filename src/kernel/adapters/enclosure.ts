/** Confines kernels: lends each a user and control groups, hands its scratch directory over, and leaves nothing behind. */
import { chmodSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Fault } from "#base/fault.ts"
import { type Box, makeBox, removeAbandoned } from "#kernel/adapters/box.ts"
import { type ConfinedCommand, confinedCommand, etcOf, forkOrder, type Setting, zygoteCommand } from "#kernel/adapters/confined_command.ts"
import { findMeans, type Means } from "#kernel/adapters/isolation.ts"
import { killAllOf, sweep } from "#kernel/adapters/leftovers.ts"
import { furnish, handOver, openTo, takeBack } from "#kernel/adapters/ownership.ts"
import { type Family, takeFamily } from "#kernel/adapters/uids.ts"
import { etcFiles, type ForkOrder, homeEnv, limitsOf } from "#kernel/confine.ts"
import type { Confined, Confinement, Exit } from "#kernel/ports.ts"

/** One confined kernel's place, from before its start until nothing of it is left. */
export type Enclosure = {
  readonly confined: Confined
  /** The kernel's own directory for its sockets. */
  readonly sockets: string
  readonly env: { readonly [name: string]: string }
  /** Users that kernels of this environment have; undefined when this one runs as ours. */
  readonly family: Family | undefined
  readonly box: Box | undefined
  /** The command line that starts a command confined. @throws Fault isolation_unavailable when its user cannot reach what it needs */
  command(argv: readonly string[], cwd: string): ConfinedCommand
  /** What a zygote does to a fork before it becomes the kernel. */
  order(argv: readonly string[], cwd: string): ForkOrder
  /** Whether a zygote can fork it; if not, it starts cold. */
  readonly mayFork: boolean
  /** Kernels with the same key find what they need in the same zygote's file system. */
  nurseryKey(argv: readonly string[]): string
  /** How a zygote is started that can fork into the family's users. */
  nursery(argv: readonly string[]): readonly string[]
  /** Adds what the control group counted. */
  account(exit: Exit): Exit
  /** Files that tell how often its control group had to kill. */
  readonly counters: readonly string[]
  /** Gives the files in the kernel's folder to whom they must belong. */
  furnish(files: { readonly connection: string; readonly output: string }): void
  /** Kills what the kernel left, sweeps, and gives everything back. */
  leave(): Promise<void>
}

export type Site = {
  /** The kernel's folder, ours. */
  readonly folder: string
  /** Kernels with the same key run the same environment. */
  readonly key: string
}

// Of the whole process: kernels of several environments have a household each, and share the ground.
let boxes = 0

/** Everything that one owner of kernels has lent out. */
export class Enclosures {
  readonly #families = new Map<string, Family>()
  #count = 0

  /** @throws Fault isolation_unavailable */
  async open(confine: Confinement, site: Site): Promise<Enclosure> {
    const means = await findMeans()
    refuseImpossible(confine, means)
    if (this.#count++ === 0) await removeAbandoned(means.ground)
    const family = confine.level !== "L0" && means.isRoot ? this.#family(site.key) : undefined
    const uid = family?.lend() ?? process.getuid?.() ?? 0
    const scratch = realpathSync(confine.scratch)
    const sockets = join(site.folder, "k")
    mkdirSync(sockets, { mode: 0o700 })
    // Whoever had this number before us may have been killed before it could clear up.
    if (family) await killAllOf(uid)
    handOver(scratch, family && uid)
    if (family) openTo(uid, site.folder, sockets)
    if (confine.level === "L2") settleEtc(etcOf(site.folder), { uid, gid: family ? uid : (process.getgid?.() ?? 0), scratch })
    return enclosure({ confine: { ...confine, scratch }, means, family, uid, box: this.#box(confine, means), sockets, folder: site.folder })
  }

  /** Gives the users back. Every kernel must be gone. */
  close(): void {
    for (const family of this.#families.values()) family.release()
    this.#families.clear()
  }

  #box(confine: Confinement, means: Means): Box | undefined {
    try {
      return makeBox(means.ground, `stet-${process.pid}-${++boxes}`, confine)
    } catch {
      // Limits of each process are left.
      return undefined
    }
  }

  #family(key: string): Family {
    const known = this.#families.get(key)
    if (known) return known
    const family = takeFamily()
    this.#families.set(key, family)
    return family
  }
}

function enclosure(parts: Omit<Setting, "limits"> & { readonly family: Family | undefined; readonly box: Box | undefined }): Enclosure {
  const { confine, means, family, uid, box, sockets } = parts
  // In a user namespace of its own, the processes of an ordinary user are counted from nothing.
  const counts = { group: box?.counts.has("memory") ?? false, ownUser: family !== undefined || confine.level === "L2" }
  const setting = { ...parts, limits: limitsOf(confine, counts) }
  const isLimited = means.tools.prlimit !== undefined
  return {
    confined: {
      level: confine.level,
      uid,
      memoryBy: counts.group ? "cgroup" : isLimited ? "rlimit" : "nobody",
      processesBy: box?.counts.has("pids") ? "cgroup" : isLimited && counts.ownUser ? "rlimit" : "nobody",
    },
    sockets,
    env: homeEnv(confine.scratch),
    family,
    box,
    command: (argv, cwd) => confinedCommand(setting, argv, cwd),
    order: (argv, cwd) => forkOrder(setting, argv, cwd),
    mayFork: confine.level === "L0" || (family !== undefined && means.isolation.zygote.possible),
    nurseryKey: (argv) => (family ? JSON.stringify([family.first, ...zygoteCommand(setting, argv)]) : ""),
    nursery: (argv) => (family ? zygoteCommand(setting, argv) : argv),
    counters: box?.counters ?? [],
    account: (exit) => {
      const counted = box?.memory()
      return counted ? { ...exit, memory: { peakBytes: counted.peakBytes, limitBytes: counted.limitBytes } } : exit
    },
    furnish: (files) => furnish(files, family && { uid, zygote: family.first }),
    leave: async () => {
      if (family) await killAllOf(uid)
      await box?.remove()
      if (!family) return
      takeBack(confine.scratch)
      await sweep(uid)
      family.giveBack(uid)
    },
  }
}

function settleEtc(etc: string, user: Parameters<typeof etcFiles>[0]): void {
  mkdirSync(etc)
  // Whatever our umask is, the user must be able to read them.
  chmodSync(etc, 0o755)
  for (const [name, text] of Object.entries(etcFiles(user, hosts()))) {
    writeFileSync(join(etc, name), text)
    chmodSync(join(etc, name), 0o644)
  }
}

function hosts(): string {
  try {
    return readFileSync("/etc/hosts", "utf8")
  } catch {
    return ""
  }
}

function refuseImpossible({ level, network }: Confinement, { isolation }: Means): void {
  if (!isolation.possible.includes(level))
    throw new Fault("isolation_unavailable", `Isolation level ${level} cannot be had here. ${isolation.whyNot[level] ?? ""}`, {
      remedy: `Use ${isolation.best}, the best level of this machine.`,
    })
  if (!network && level !== "L2")
    throw new Fault("isolation_unavailable", `A kernel without network needs isolation level L2, and ${level} was asked for.`, {
      remedy: "Allow the network, or use L2.",
    })
}
