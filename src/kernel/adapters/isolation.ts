/** Finds out what this machine can do about confinement, by doing it once. */
import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { promisify } from "node:util"
import { findGround, type Ground } from "#kernel/adapters/box.ts"
import { isProgram } from "#kernel/adapters/programs.ts"
import { systemPlaces } from "#kernel/adapters/reach.ts"
import { bubblewrapArguments, inOrder, setprivArguments } from "#kernel/confine.ts"
import { ABI_QUESTION } from "#kernel/landlock.ts"
import type { Isolation, IsolationLevel } from "#kernel/ports.ts"
import { systemCallFilter } from "#kernel/syscalls.ts"

const run = promisify(execFile)
const PROBE_MS = 5000
/** A number that nobody has, and that every user namespace of a container holds. */
const NOBODY = 58_000

/** Programs that confinement is made with, by name; undefined = not installed. */
export type Tools = { readonly [name in "setpriv" | "prlimit" | "unshare" | "mount" | "bwrap" | "perl"]: string | undefined }

/** What was found out, and with what: for those who act on it. */
export type Means = {
  readonly isolation: Isolation
  readonly tools: Tools
  readonly ground: Ground
  readonly isRoot: boolean
  readonly canMount: boolean
  /** Version of the interface that holds kernels at L1 to the files that they need; undefined where that is not possible. */
  readonly landlock: number | undefined
  /** Refuses system calls in kernels at L2; undefined where that is not possible. */
  readonly filter: Uint8Array | undefined
}

let known: Promise<Means> | undefined

/** The best level here, and one sentence for each better one that cannot be had. Asked once a process, and cheap after that. */
export async function probeIsolation(): Promise<Isolation> {
  return (await findMeans()).isolation
}

export function findMeans(): Promise<Means> {
  known ??= probe()
  return known
}

async function probe(): Promise<Means> {
  const tools = findTools()
  const isRoot = process.geteuid?.() === 0
  const ground = findGround()
  const whyNoL1 = await whyNotL1(tools, isRoot)
  const whyNoL2 = await whyNotL2(tools, isRoot ? whyNoL1 : undefined, isRoot)
  const whyNoMount = isRoot && tools.unshare && tools.mount ? await attempt(mountProbe(tools.unshare)) : "not root"
  const whyNoZygote = isRoot && !whyNoL1 ? (whyNoMount ?? (await attempt([...namespace(tools.unshare!), "true"]))) : undefined
  const landlock = isRoot && tools.perl ? await landlockVersion(tools.perl) : undefined
  const filter = canFilter() ? systemCallFilter(process.arch) : undefined
  const possible = (["L0", "L1", "L2"] as const).filter((level) => level === "L0" || (level === "L1" ? !whyNoL1 : !whyNoL2))
  return {
    tools,
    ground,
    isRoot,
    canMount: whyNoMount === undefined,
    landlock,
    filter,
    isolation: {
      best: possible.at(-1) as IsolationLevel,
      possible,
      whyNot: { ...(whyNoL1 ? { L1: whyNoL1 } : {}), ...(whyNoL2 ? { L2: whyNoL2 } : {}) },
      limitsBy: limitsBy(ground, tools),
      processorBy: processorBy(ground),
      zygote: zygoteFacts(isRoot, whyNoL1, whyNoZygote),
      files: fileFacts(landlock, tools),
      systemCalls: filter
        ? { filtered: true, why: "" }
        : {
            filtered: false,
            why: `System calls are not filtered: ${canFilter() ? `those of ${process.arch} are not known` : "this Linux has no seccomp"}.`,
          },
    },
  }
}

function canFilter(): boolean {
  try {
    return readFileSync("/proc/sys/kernel/seccomp/actions_avail", "utf8").split(/\s+/).includes("errno")
  } catch {
    return false
  }
}

async function whyNotL1(tools: Tools, isRoot: boolean): Promise<string | undefined> {
  if (process.platform !== "linux") return "A user for each kernel needs Linux."
  if (!isRoot) return "A user for each kernel needs Stet to be started as root."
  if (!tools.setpriv || !tools.prlimit) return "A user for each kernel needs the programs setpriv and prlimit: install util-linux."
  const why = await attempt([...setprivArguments(tools.setpriv, NOBODY), "true"])
  return why && `This machine does not let root become the user ${NOBODY} (${why}): give the container the capabilities SETUID and SETGID.`
}

async function whyNotL2(tools: Tools, whyNotUser: string | undefined, isRoot: boolean): Promise<string | undefined> {
  if (process.platform !== "linux") return "Namespaces need Linux."
  if (whyNotUser) return whyNotUser
  if (!tools.bwrap) return "Namespaces need bubblewrap: install it (apt install bubblewrap, dnf install bubblewrap, apk add bubblewrap)."
  if (!tools.prlimit) return "Namespaces need the program prlimit: install util-linux."
  const user = isRoot ? setprivArguments(tools.setpriv!, NOBODY) : []
  const sandbox = bubblewrapArguments(tools.bwrap, { places: inOrder(systemPlaces()), network: false, cwd: "/" })
  // bubblewrap tells its child's number on descriptor 3, which a probe has not.
  const why = await attempt([...user, ...sandbox.filter((word, index) => word !== "--info-fd" && sandbox[index - 1] !== "--info-fd"), "true"])
  return (
    why &&
    `bubblewrap does not work here (${why}): unprivileged user namespaces must be allowed (sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns; in a container, its seccomp profile).`
  )
}

function limitsBy(ground: Ground, tools: Tools): Isolation["limitsBy"] {
  const counts = ground.hierarchies.flatMap(({ controllers }) => controllers)
  if (counts.includes("memory")) return { who: "cgroup", why: "" }
  if (tools.prlimit) return { who: "rlimit", why: `Memory is limited for each process alone, because ${ground.why}.` }
  return { who: "nobody", why: "Nothing is limited, because neither control groups may be written nor is prlimit (util-linux) installed." }
}

function processorBy({ hierarchies, why }: Ground): Isolation["processorBy"] {
  if (hierarchies.some(({ controllers }) => controllers.includes("cpu"))) return { who: "cgroup", why: "" }
  return { who: "nobody", why: `a kernel's share of the processors is not bounded, because ${why || "the cpu control group may not be written"}` }
}

function zygoteFacts(isRoot: boolean, whyNoL1: string | undefined, whyNot: string | undefined): Isolation["zygote"] {
  if (!isRoot || whyNoL1) return { possible: false, why: "Only root can fork kernels into other users, so confined kernels start cold above L0." }
  if (whyNot) return { possible: false, why: `Confined kernels start cold, because a user namespace for their zygote cannot be made (${whyNot}).` }
  return { possible: true, why: "" }
}

function fileFacts(landlock: number | undefined, { perl }: Tools): Isolation["files"] {
  if (landlock !== undefined) return { restricted: true, why: "" }
  const cause = perl ? "this Linux has no Landlock" : "that needs the program perl: install it"
  return { restricted: false, why: `At L1 a kernel opens whatever everybody may open on this machine, because ${cause}.` }
}

async function landlockVersion(perl: string): Promise<number | undefined> {
  try {
    const { stdout } = await run(perl, ["-e", ABI_QUESTION], { cwd: "/", timeout: PROBE_MS, env: { PATH: PATH.join(delimiter) } })
    return Number(stdout) >= 1 ? Number(stdout) : undefined
  } catch {
    return undefined
  }
}

/** A user namespace inside a mount namespace; its maps are still to be written. */
export function namespace(unshare: string): readonly string[] {
  return [unshare, "--mount", "--propagation", "private", "--", unshare, "--user", "--keep-caps", "--"]
}

function mountProbe(unshare: string): readonly string[] {
  return [unshare, "--mount", "--propagation", "private", "--", "mount", "-t", "tmpfs", "stet", "/tmp"]
}

/** Undefined when the command went well, else the last line of its complaint. */
async function attempt([program = "", ...args]: readonly string[]): Promise<string | undefined> {
  try {
    await run(program, args, { cwd: "/", timeout: PROBE_MS, env: { PATH: PATH.join(delimiter) } })
    return undefined
  } catch (error) {
    const { stderr, message } = error as { readonly stderr?: string; readonly message: string }
    return (stderr ?? "").trim().split("\n").at(-1) || message
  }
}

const PATH = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]

function findTools(): Tools {
  const find = (name: string) => PATH.map((folder) => join(folder, name)).find(isProgram)
  return {
    setpriv: find("setpriv"),
    prlimit: find("prlimit"),
    unshare: find("unshare"),
    mount: find("mount"),
    bwrap: find("bwrap"),
    perl: find("perl"),
  }
}
