/** What a program needs of the file system, and whether another user can get to it. */
import { lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from "node:fs"
import { basename, dirname, isAbsolute, join, resolve } from "node:path"
import type { Place } from "#kernel/confine.ts"

const PYTHON_FOLDER = new URL("./python", import.meta.url).pathname
const MOST_LINKS = 40

/** A path as places: every symbolic link on the way, then what it leads to. Nothing where there is no such thing. */
export function placesOf(path: string, isWritable = false): readonly Place[] {
  const links: Place[] = []
  let rest = resolve(path)
  while (links.length < MOST_LINKS) {
    const link = firstLink(rest)
    if (link === undefined) break
    links.push({ kind: "link", path: link.path, target: link.target })
    rest = join(resolve(dirname(link.path), link.target), rest.slice(link.path.length))
  }
  return exists(rest) ? [...links, { kind: "bind", path: rest, isWritable }] : links
}

function firstLink(path: string): { readonly path: string; readonly target: string } | undefined {
  const parts = path.split("/").filter(Boolean)
  let at = ""
  for (const part of parts) {
    at = `${at}/${part}`
    try {
      if (lstatSync(at).isSymbolicLink()) return { path: at, target: readlinkSync(at) }
    } catch {
      return undefined
    }
  }
  return undefined
}

/** What starts and runs a command: the program, through every link, and for an interpreter the environment it belongs to. */
export function placesOfProgram(program: string): readonly Place[] {
  const steps = stepsOf(program)
  const prefixes = steps.map((step) => dirname(dirname(step))).filter((prefix) => prefix !== "/" && looksLikePrefix(prefix))
  const homes = prefixes.flatMap((prefix) => homeIn(join(prefix, "pyvenv.cfg")))
  return [...steps, ...prefixes, ...homes, PYTHON_FOLDER].flatMap((path) => placesOf(path))
}

/** The path, and each path that it leads to, link by link of its last part. */
function stepsOf(path: string): readonly string[] {
  const steps = [path]
  for (let at = path; steps.length < MOST_LINKS; steps.push(at)) {
    try {
      at = resolve(realpathSync(dirname(at)), readlinkSync(at))
    } catch {
      break
    }
  }
  return steps
}

// An environment of Python, R or Node: a folder with `bin` and `lib`. A program in somebody's home is not one.
function looksLikePrefix(prefix: string): boolean {
  return exists(join(prefix, "bin")) && exists(join(prefix, "lib"))
}

/** The installation that a virtual environment was made from. */
function homeIn(file: string): readonly string[] {
  try {
    const home = /^home\s*=\s*(.+?)\s*$/m.exec(readFileSync(file, "utf8"))?.[1]
    return home && isAbsolute(home) ? [basename(home) === "bin" ? dirname(home) : home] : []
  } catch {
    return []
  }
}

/** What every program needs of the system. Homes, /srv, /run, /var and other people's /tmp are not in it. */
export function systemPlaces(): readonly Place[] {
  const roots = ["/usr", "/bin", "/sbin", "/etc", "/opt", "/nix/store", "/var/cache/fontconfig", "/sys/devices/system/cpu", "/etc/resolv.conf"]
  const libraries = readdirSync("/").filter((name) => /^lib(x?\d*)?$/.test(name))
  return [
    ...[...roots, ...libraries.map((name) => `/${name}`)].flatMap((path) => placesOf(path)),
    { kind: "proc", path: "/proc" },
    { kind: "dev", path: "/dev" },
    ...["/tmp", "/var/tmp", "/dev/shm"].map((path) => ({ kind: "tmpfs" as const, path, mode: 0o1777 })),
    { kind: "tmpfs", path: "/run", mode: 0o755 },
  ]
}

/** The first directory on the way to a path that this user (without groups of others) cannot enter; undefined when all can be. */
export function barrier(path: string, uid: number): string | undefined {
  const parts = dirname(path).split("/").filter(Boolean)
  let at = ""
  for (const part of ["", ...parts]) {
    at = part === "" ? "/" : join(at, part)
    if (!mayEnter(at, uid)) return at
  }
  return undefined
}

/** Whether this user can enter a directory or read a file. */
export function mayEnter(path: string, uid: number): boolean {
  try {
    const { mode, uid: owner, gid } = statSync(path)
    const bits = owner === uid ? mode >> 6 : gid === uid ? mode >> 3 : mode
    return statSync(path).isDirectory() ? (bits & 1) === 1 : (bits & 4) === 4
  } catch {
    return false
  }
}

function exists(path: string): boolean {
  try {
    statSync(path)
    return true
  } catch {
    return false
  }
}
