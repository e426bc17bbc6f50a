/** The command lines and orders that start a kernel confined: which tools, in which order, with which view. */
import { lstatSync, readdirSync, realpathSync, statSync } from "node:fs"
import { dirname } from "node:path"
import { Fault } from "#base/fault.ts"
import type { Box } from "#kernel/adapters/box.ts"
import { type Means, namespace } from "#kernel/adapters/isolation.ts"
import { barrier, mayEnter, placesOf, placesOfProgram, systemPlaces } from "#kernel/adapters/reach.ts"
import { type Family, rootFolder } from "#kernel/adapters/uids.ts"
import {
  bubblewrapArguments,
  entryScript,
  type FileRules,
  type ForkOrder,
  inOrder,
  isBelow,
  type Limits,
  type Place,
  prlimitArguments,
  setprivArguments,
} from "#kernel/confine.ts"
import { fileRules, restrictArguments } from "#kernel/landlock.ts"
import type { Confinement } from "#kernel/ports.ts"

/** All that is known of one confined kernel. */
export type Setting = {
  readonly confine: Confinement
  readonly means: Means
  readonly family: Family | undefined
  readonly uid: number
  readonly box: Box | undefined
  readonly limits: Limits
  readonly folder: string
  readonly sockets: string
}

export type ConfinedCommand = {
  readonly argv: readonly string[]
  /** bubblewrap, which tells on descriptor 3 who leads the kernel's group. */
  readonly isSandbox: boolean
  /** What bubblewrap reads from descriptor 4: the system calls that are refused inside. */
  readonly filter: Uint8Array | undefined
}

/** @throws Fault isolation_unavailable when the kernel's user cannot reach what it needs */
export function confinedCommand(setting: Setting, argv: readonly string[], cwd: string): ConfinedCommand {
  const { confine, means, family, uid, box, limits } = setting
  const { prlimit, setpriv, bwrap } = means.tools
  const needs = needsOf(setting, argv, cwd)
  const limited = prlimit ? prlimitArguments(prlimit, limits) : []
  const asUser = family && setpriv ? setprivArguments(setpriv, uid) : []
  const isSandbox = confine.level === "L2"
  const filter = isSandbox ? means.filter : undefined
  const view = isSandbox ? { places: viewOf(setting, needs), network: confine.network, cwd, isFiltered: filter !== undefined } : undefined
  const sandbox = view && bwrap ? bubblewrapArguments(bwrap, view) : []
  const files = filesOf(setting, needs)
  const restricted = files && means.tools.perl ? restrictArguments(means.tools.perl, files) : []
  // Limits come last in a sandbox, whose own making they would hinder; elsewhere before the user can no longer raise them.
  const inner = isSandbox ? [...asUser, ...sandbox, ...limited, ...argv] : [...limited, ...asUser, ...restricted, ...argv]
  const uncovered = family ? uncover(needs, setting) : NOTHING_COVERED
  return { argv: entered({ means, uncovered, groups: box?.entries ?? [], cwd }, inner), isSandbox, filter }
}

export function forkOrder(setting: Setting, argv: readonly string[], cwd: string): ForkOrder {
  const { confine, family, uid, limits, means } = setting
  const isSandbox = confine.level === "L2"
  const needs = needsOf(setting, argv, cwd)
  const places = isSandbox ? viewOf(setting, needs) : null
  const filter = isSandbox && means.filter ? Buffer.from(means.filter).toString("base64") : null
  return { uid: family ? uid : null, limits, places, network: confine.network, files: filesOf(setting, needs) ?? null, filter }
}

/** A zygote in a user namespace that holds only the family's users: code of the environment that it imports is nobody else. */
export function zygoteCommand(setting: Setting, argv: readonly string[]): readonly string[] {
  const { confine, means, folder } = setting
  const { unshare = "unshare", setpriv = "setpriv" } = means.tools
  const [program = ""] = argv
  const needs = [...placesOfProgram(program), ...(confine.readable ?? []).flatMap((path) => placesOf(path))]
  const shared = [confine.scratchRoot ?? dirname(confine.scratch), dirname(folder)].flatMap((path) => placesOf(path, true))
  const script = entryScript({ groups: [], ...uncover([...needs, ...shared], setting), stash: rootFolder(), cwd: "/" })
  // A user who can make namespaces has all of the system's code for them to attack: nobody below the zygote can.
  const last = 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"'
  const become = `echo '{"in_namespace":true}' >&3; read -r _; exec ${setpriv} --reuid 0 --regid 0 --clear-groups -- /bin/sh -c '${last}' stet "$@"`
  const [mounts, users] = [namespace(unshare).slice(0, 5), namespace(unshare).slice(5)]
  return [...mounts, "/bin/sh", "-c", script, "stet", ...users, "/bin/sh", "-c", become, "stet", ...argv]
}

/** What the kernel must reach beside the system itself. */
function needsOf({ confine, folder, sockets }: Setting, [program = ""]: readonly string[], cwd: string): readonly Place[] {
  const isHome = cwd === confine.scratch || isBelow(cwd, confine.scratch)
  return [
    ...placesOfProgram(program),
    ...(confine.readable ?? []).flatMap((path) => placesOf(path)),
    ...(isHome ? [] : placesOf(cwd)),
    ...placesOf(confine.scratch, true),
    ...placesOf(sockets, true),
    ...placesOf(`${folder}/connection.json`),
    ...placesOf(etcOf(folder)),
  ]
}

/** Where a kernel's own files of /etc are kept. */
export function etcOf(folder: string): string {
  return `${folder}/etc`
}

function viewOf({ folder }: Setting, needs: readonly Place[]): readonly Place[] {
  return inOrder([...systemPlaces(), ...needs, ...etcPlaces(realpathSync(etcOf(folder)))])
}

/** At L1, where the machine can hold a process to it: the same that a sandbox would show. */
function filesOf({ confine, means }: Setting, needs: readonly Place[]): FileRules | undefined {
  if (confine.level !== "L1" || means.landlock === undefined) return undefined
  return fileRules(inOrder([...systemPlaces(), ...needs]), means.landlock, (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory())
}

/** Files are put over those that the machine has; there is no place for others in a directory that cannot be written. */
function etcPlaces(etc: string): readonly Place[] {
  const isFile = (path: string) => lstatSync(path, { throwIfNoEntry: false })?.isFile() === true
  const places = readdirSync(etc).map((name): Place => ({ kind: "bind", path: `/etc/${name}`, from: `${etc}/${name}`, isWritable: false }))
  return places.filter(({ path }) => isFile(path))
}

type Uncovered = { readonly covered: readonly string[]; readonly places: readonly Place[] }
const NOTHING_COVERED: Uncovered = { covered: [], places: [] }

/** What lies behind directories that the kernel's user cannot enter. */
function uncover(needs: readonly Place[], { uid, means, confine }: Setting): Uncovered {
  const places = needs.filter((place) => barrier(place.path, uid) !== undefined)
  if (places.length === 0) return NOTHING_COVERED
  const walls = new Set(places.map((place) => barrier(place.path, uid)!))
  const [wall = ""] = walls
  const unreadable = places.find((place) => place.kind === "bind" && !mayEnter(place.path, uid) && !isBelow(confine.scratch, place.path))
  if (unreadable)
    throw unreachablePath(`${unreadable.path} may not be read by other users than its owner`, `Make it readable: chmod -R a+rX ${unreadable.path}`)
  if (!means.canMount || walls.has("/"))
    throw unreachablePath(
      `${places.at(-1)!.path} lies below ${wall}, which only its owner may enter`,
      `Put STET_HOME and its environments where others can pass (for instance /var/lib/stet), or let them pass: chmod a+x ${wall}`,
    )
  return { covered: [...walls], places: inOrder(places) }
}

function unreachablePath(why: string, remedy: string): Fault {
  return new Fault("isolation_unavailable", `The kernel's own user cannot reach what it needs: ${why}.`, { remedy })
}

/** The command behind what only we can do: entering control groups, and mounting what would be out of reach. */
function entered(
  entry: { readonly means: Means; readonly uncovered: Uncovered; readonly groups: readonly string[]; readonly cwd: string },
  inner: readonly string[],
): readonly string[] {
  const { means, uncovered, groups, cwd } = entry
  const isCovered = uncovered.covered.length > 0
  if (!isCovered && groups.length === 0) return inner
  const script = entryScript({ groups, ...uncovered, stash: isCovered ? rootFolder() : "", cwd })
  return [...(isCovered ? namespace(means.tools.unshare!).slice(0, 5) : []), "/bin/sh", "-c", script, "stet", ...inner]
}
