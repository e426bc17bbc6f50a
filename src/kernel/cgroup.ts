/**
 * Control groups as their files tell of them. Pure. Sources: the kernel's admin guide, "Control Group v2" and
 * "Control Groups version 1".
 */
import type { Confinement } from "#kernel/ports.ts"

export type Controller = "memory" | "pids" | "cpu"

/** One tree of groups: our own group in it is where groups of ours are made. */
export type Hierarchy = { readonly version: 1 | 2; readonly controllers: readonly Controller[]; readonly folder: string }

const CONTROLLERS: readonly Controller[] = ["memory", "pids", "cpu"]

/**
 * The hierarchies that count what we limit.
 *
 * @param mounts text of /proc/self/mounts
 * @param own text of /proc/self/cgroup
 * @param exists whether a directory is there: inside a container our group's path is often told as the host sees it, while
 *   its files are mounted at the root
 */
export function controllersIn(mounts: string, own: string, exists: (path: string) => boolean): readonly Hierarchy[] {
  const mounted = mounts.split("\n").map((line) => line.split(" "))
  const old = CONTROLLERS.flatMap((controller): Hierarchy[] => {
    const mount = mounted.find(([, , type, options]) => type === "cgroup" && (options ?? "").split(",").includes(controller))
    const path = new RegExp(`^\\d+:(?:[^:]*,)?${controller}(?:,[^:]*)?:(.*)$`, "m").exec(own)?.[1]
    return mount?.[1] && path !== undefined ? [{ version: 1, controllers: [controller], folder: below(mount[1], path, exists) }] : []
  })
  if (old.some(({ controllers }) => controllers.includes("memory"))) return together(old)
  const unified = mounted.find(([, , type]) => type === "cgroup2")?.[1]
  const path = /^0::(.*)$/m.exec(own)?.[1]
  if (unified === undefined || path === undefined) return together(old)
  const folder = below(unified, path, exists)
  return exists(`${folder}/memory.stat`) || exists(`${folder}/cgroup.subtree_control`) ? [{ version: 2, controllers: CONTROLLERS, folder }] : []
}

/** Controllers that are mounted together (cpu and cpuacct often are) share their groups. */
function together(hierarchies: readonly Hierarchy[]): readonly Hierarchy[] {
  const byFolder = new Map<string, Hierarchy>()
  for (const hierarchy of hierarchies) {
    const known = byFolder.get(hierarchy.folder)
    byFolder.set(hierarchy.folder, known ? { ...known, controllers: [...known.controllers, ...hierarchy.controllers] } : hierarchy)
  }
  return [...byFolder.values()]
}

function below(mount: string, path: string, exists: (path: string) => boolean): string {
  const folder = path === "/" ? mount : `${mount}${path}`
  return exists(folder) ? folder : mount
}

export type Setting = { readonly file: string; readonly value: string; readonly isOptional: boolean }

const PERIOD_US = 100_000

/** What is written into a new group. Without the optional ones (swap is often not counted) the limit still holds. */
export function settingsOf({ version, controllers }: Hierarchy, confine: Confinement): readonly Setting[] {
  const { memoryBytes, processes, cpus } = confine
  const quota = String(Math.max(1000, Math.round((cpus ?? 0) * PERIOD_US)))
  const setting = (file: string, value: string, isOptional = false): Setting => ({ file, value, isOptional })
  const memory = () =>
    version === 2
      ? [setting("memory.max", `${memoryBytes}`), setting("memory.swap.max", "0", true)]
      : [setting("memory.limit_in_bytes", `${memoryBytes}`), setting("memory.memsw.limit_in_bytes", `${memoryBytes}`, true)]
  const cpu = () =>
    version === 2 ? [setting("cpu.max", `${quota} ${PERIOD_US}`)] : [setting("cpu.cfs_period_us", `${PERIOD_US}`), setting("cpu.cfs_quota_us", quota)]
  return [
    ...(controllers.includes("memory") && memoryBytes !== undefined ? memory() : []),
    ...(controllers.includes("pids") && processes !== undefined ? [setting("pids.max", `${processes}`)] : []),
    ...(controllers.includes("cpu") && cpus !== undefined ? cpu() : []),
  ]
}
