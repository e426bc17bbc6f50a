/**
 * What a confined kernel is given, as plain data: its environment, its limits, its view of the file system, and the
 * command lines of the tools that impose them (util-linux, bubblewrap). Pure: what is on disk is found by the adapters.
 */
import type { Confinement } from "#kernel/ports.ts"

type Variables = { readonly [name: string]: string | undefined }

/**
 * Variables that reach a confined kernel. Everything else stays here: DATABASE_URL, STET_*, AWS_*, tokens of a CI. A proxy is
 * passed only when its address holds no credentials.
 */
const PASSED =
  /^(PATH|LANG|LANGUAGE|LC_[A-Z]+|TZ|TERM|VIRTUAL_ENV|CONDA_PREFIX|CONDA_DEFAULT_ENV|LD_LIBRARY_PATH|SSL_CERT_FILE|SSL_CERT_DIR|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|(OMP|MKL|OPENBLAS|NUMEXPR|VECLIB)_[A-Z_]+|MPLBACKEND|R_LIBS(_USER|_SITE)?|JULIA_DEPOT_PATH|JULIA_LOAD_PATH)$/
const PROXY = /^(https?|no|all)_proxy$/i
const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

export function reducedEnv(env: Variables): { [name: string]: string } {
  const isPassed = (name: string, value: string) => PASSED.test(name) || (PROXY.test(name) && !value.includes("@"))
  const passed = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && isPassed(entry[0], entry[1]))
  return { PATH: SYSTEM_PATH, ...Object.fromEntries(passed) }
}

/** Where a confined kernel is at home: in its scratch directory, whatever user it is. */
export function homeEnv(scratch: string) {
  const home = `${scratch}/home`
  const tmp = `${scratch}/tmp`
  return { HOME: home, USER: "stet", LOGNAME: "stet", TMPDIR: tmp, TMP: tmp, TEMP: tmp }
}

/** What a sandbox's host is called. */
const HOST = "stet"

/**
 * Files of /etc by which programs find out who they are and where (Java will not begin without): in a sandbox the kernel's user is
 * the one person there is, and the host's own name leads to itself.
 *
 * @param hosts what the machine has in /etc/hosts
 */
export function etcFiles(
  user: { readonly uid: number; readonly gid: number; readonly scratch: string },
  hosts: string,
): { readonly [name: string]: string } {
  const { USER, HOME } = homeEnv(user.scratch)
  return {
    passwd: `root:x:0:0::/root:/bin/sh\n${USER}:x:${user.uid}:${user.gid}::${HOME}:/bin/sh\nnobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n`,
    group: `root:x:0:\n${USER}:x:${user.gid}:\nnogroup:x:65534:\n`,
    hosts: `127.0.0.1 localhost ${HOST}\n::1 localhost ${HOST}\n${hosts}`,
  }
}

/** Limits of one process, named as in setrlimit(2). */
export type Limits = { readonly [name in "AS" | "CORE" | "CPU" | "DATA" | "FSIZE" | "MSGQUEUE" | "NOFILE" | "NPROC"]?: number }

/**
 * What the kernel's processes are limited to one by one. Memory is counted here only where no control group does: as
 * DATA, because address space (AS) counts the gigabytes that threads and allocators reserve and never touch.
 *
 * @param counts what a limit on processes counts: those of a user that the kernel has alone, or nothing that is of use
 */
export function limitsOf(confine: Confinement, counts: { readonly group: boolean; readonly ownUser: boolean }): Limits {
  const { cpuSeconds, fileBytes, openFiles, memoryBytes, processes } = confine
  return {
    CORE: 0,
    ...(counts.ownUser ? { MSGQUEUE: 0 } : {}),
    ...(cpuSeconds === undefined ? {} : { CPU: Math.ceil(cpuSeconds) }),
    ...(fileBytes === undefined ? {} : { FSIZE: fileBytes }),
    ...(openFiles === undefined ? {} : { NOFILE: openFiles }),
    ...(memoryBytes === undefined || counts.group ? {} : { DATA: memoryBytes }),
    ...(processes === undefined || !counts.ownUser ? {} : { NPROC: processes }),
  }
}

/** A command that limits itself and then becomes the one behind it. */
export function prlimitArguments(prlimit: string, limits: Limits): readonly string[] {
  const flags = Object.entries(limits).map(([name, value]) => `--${name.toLowerCase()}=${value}`)
  return flags.length === 0 ? [] : [prlimit, ...flags]
}

/** A command that becomes another user for good, without a privilege or a way to gain one, and then the one behind it. */
export function setprivArguments(setpriv: string, uid: number): readonly string[] {
  return [setpriv, "--reuid", `${uid}`, "--regid", `${uid}`, "--clear-groups", "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all", "--"]
}

/** One thing in a view of the file system. */
export type Place =
  /** `from`: what stands there instead of what this machine has at the path. */
  | { readonly kind: "bind"; readonly path: string; readonly isWritable: boolean; readonly from?: string }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  | { readonly kind: "tmpfs"; readonly path: string; readonly mode: number }
  | { readonly kind: "proc" | "dev"; readonly path: string }

/**
 * The places in the order in which they can be made, parents first, without those that another one shows already. Of
 * two for the same path the writable one stands.
 */
export function inOrder(places: readonly Place[]): readonly Place[] {
  const byPath = new Map<string, Place>()
  for (const place of places) {
    const known = byPath.get(place.path)
    if (!known || (place.kind === "bind" && place.isWritable)) byPath.set(place.path, place)
  }
  const sorted = [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
  return sorted.filter((place) => !isShown(place, sorted))
}

function isShown(place: Place, all: readonly Place[]): boolean {
  if (place.kind !== "bind" && place.kind !== "link") return false
  const above = all.filter((other) => other.kind !== "link" && isBelow(place.path, other.path))
  const nearest = above.reduce<Place | undefined>((found, other) => (found && found.path.length > other.path.length ? found : other), undefined)
  if (nearest?.kind !== "bind" || (place.kind === "bind" && place.from !== undefined)) return false
  return place.kind === "link" || !place.isWritable || nearest.isWritable
}

export function isBelow(path: string, folder: string): boolean {
  return folder === "/" ? path !== "/" : path.startsWith(`${folder}/`)
}

/** Which files a process may open from here on: see landlock.ts. */
export type FileRules = {
  /** What is refused wherever no rule allows it. */
  readonly handled: number
  readonly scoped: number
  readonly rules: readonly { readonly path: string; readonly access: number }[]
}

/** What a zygote does to its fork before that becomes a kernel: see adapters/python/confinement.py. */
export type ForkOrder = {
  /** null: it stays the user that it is. */
  readonly uid: number | null
  readonly limits: Limits
  /** The sandbox's root; null: no sandbox. */
  readonly places: readonly Place[] | null
  readonly network: boolean
  /** Files that it may open: see landlock.ts. null: all that its user may. */
  readonly files: FileRules | null
  /** A filter of system calls in base64: see syscalls.ts. null: none. */
  readonly filter: string | null
}

/** bubblewrap's command line up to the command itself. */
export function bubblewrapArguments(
  bwrap: string,
  view: { readonly places: readonly Place[]; readonly network: boolean; readonly cwd: string; readonly isFiltered?: boolean },
): string[] {
  const namespaces = ["--unshare-user", "--disable-userns", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
  return [
    bwrap,
    ...namespaces,
    ...(view.network ? [] : ["--unshare-net"]),
    // A session of its own: its process group is then that of the kernel alone, and can be interrupted.
    ...["--new-session", "--die-with-parent", "--hostname", HOST, "--info-fd", "3"],
    ...(view.isFiltered ? ["--seccomp", "4"] : []),
    ...view.places.flatMap(placeArguments),
    ...["--chdir", view.cwd, "--"],
  ]
}

function placeArguments(place: Place): readonly string[] {
  switch (place.kind) {
    case "bind":
      return [place.isWritable ? "--bind" : "--ro-bind", place.from ?? place.path, place.path]
    case "link":
      return ["--symlink", place.target, place.path]
    case "tmpfs":
      return ["--perms", place.mode.toString(8), "--tmpfs", place.path]
    case "proc":
      return ["--proc", place.path]
    case "dev":
      return ["--dev", place.path]
  }
}

/**
 * A shell script, run as root, that enters control groups, uncovers `places` below directories that the kernel's user
 * may not enter, and becomes the command in its arguments. In a mount namespace of its own the forbidden directories
 * (`covered`) become empty ones that hold nothing but these places.
 */
export function entryScript(entry: {
  readonly groups: readonly string[]
  readonly covered: readonly string[]
  readonly places: readonly Place[]
  readonly stash: string
  readonly cwd: string
}): string {
  const { covered, stash } = entry
  const binds = entry.places.filter((place) => place.kind === "bind")
  const at = (index: number) => shellWord(`${stash}/${index}`)
  const lines = [
    "set -e",
    ...entry.groups.map((file) => `echo $$ > ${shellWord(file)}`),
    ...(covered.length > 0 ? [`mount -t tmpfs -o mode=0755,size=1m stet ${shellWord(stash)}`] : []),
    ...binds.map(
      ({ path }, index) =>
        `if [ -d ${shellWord(path)} ]; then mkdir ${at(index)}; else : > ${at(index)}; fi; mount --rbind ${shellWord(path)} ${at(index)}`,
    ),
    ...covered.map((folder) => `mount -t tmpfs -o mode=0755,size=1m stet ${shellWord(folder)}`),
    ...binds.map(
      ({ path }, index) =>
        `if [ -d ${at(index)} ]; then mkdir -p ${shellWord(path)}; else mkdir -p ${shellWord(parentOf(path))}; : > ${shellWord(path)}; fi; mount --move ${at(index)} ${shellWord(path)}`,
    ),
    ...binds.filter(({ isWritable }) => !isWritable).map(({ path }) => `mount -o remount,bind,ro ${shellWord(path)}`),
    ...entry.places.flatMap((place) =>
      place.kind === "link" ? [`mkdir -p ${shellWord(parentOf(place.path))}; ln -sfn -- ${shellWord(place.target)} ${shellWord(place.path)}`] : [],
    ),
    `cd -- ${shellWord(entry.cwd)}`,
    'exec "$@"',
  ]
  return lines.join("\n")
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/"
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
