/** `stet env`: environments by name and digest, built from requirements, on this machine's disk; needs no server. */
import { dirname, resolve } from "node:path"
import { isObject, type JsonObject, own } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { toIso } from "#base/time.ts"
import type { Action } from "#cli/action.ts"
import { type Command, isOn, lastValueOf, type Parsed } from "#cli/arguments.ts"
import { complain, type Edge, EXIT } from "#cli/edge.ts"
import { type Refusal, readNotebook } from "#cli/prepare.ts"
import { say } from "#cli/say.ts"
import { table, tableOn } from "#cli/table.ts"
import { noSuchVerb, verbs } from "#cli/verbs.ts"
import {
  type EnvironmentRefusal,
  type EnvironmentWorld,
  type Listed,
  listEnvironments,
  lockRequirements,
  lockText,
  makeNamed,
  pythonWanted,
  requirementLines,
  showEnvironment,
  stated,
} from "#environment/index.ts"

const COMMAND: Command = {
  name: "stet env",
  summary: "Build, list, show and lock environments",
  description: [
    "An environment is a kernel with its packages, named by the digest of what it consists of. A locked one was built from a list and can be built again, byte for byte; a captured one describes what a run found on the machine.",
    "build NAME makes one from a requirements file, or from the `# /// script` block of a notebook, and lets NAME mean it from now on; list shows all; show NAME what one consists of; lock NAME prints its packages with versions and hashes, and lock -r FILE what a list would come to.",
    "A notebook names its environment in its metadata: stet.environment.",
  ],
  positionals: [
    verbs(["build", "list", "show", "lock"]),
    { name: "NAME", optional: true, help: "A name; for show and lock also a digest or its first eight digits." },
  ],
  flags: [
    { name: "--requirements", short: "-r", takes: ["PATH"], help: "The requirements file; - for standard input." },
    { name: "--notebook", short: "-n", takes: ["NOTEBOOK"], help: "Take the list that this notebook carries." },
    { name: "--python", takes: ["VERSION"], help: 'Which Python: 3.12, ">=3.11". Default: the first that is found.' },
    { name: "--output", short: "-o", takes: ["OUTPUT"], help: "Where lock writes; default standard output." },
    { name: "--verify", takes: [], help: "With show: read every file, and tell which are not what their package brought." },
    { name: "--json", takes: [], help: "As JSON." },
  ],
  examples: [
    { line: "stet env build data -r requirements.txt", means: "Make the environment `data`." },
    { line: "stet env lock data -o data.lock", means: "Write down what it consists of, for uv and pip alike." },
  ],
}

export const ENV: Action = { command: COMMAND, act }

const VERBS: { readonly [verb: string]: (parsed: Parsed, edge: Edge) => Promise<number> } = { build, list, show, lock }

function act(parsed: Parsed, edge: Edge): Promise<number> {
  const verb = parsed.positionals[0] ?? ""
  const deed = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined
  if (deed) return deed(parsed, edge)
  return Promise.resolve(noSuchVerb(edge, "env", verb, Object.keys(VERBS)))
}

async function build(parsed: Parsed, edge: Edge): Promise<number> {
  const name = parsed.positionals[1]
  if (name === undefined) return say(edge, { messages: ["an environment needs a name."], remedy: "stet env build NAME -r requirements.txt" })
  const list = await listFrom(parsed, edge)
  if (!list.ok) return say(edge, list.refusal)
  const world = await worldOf(edge)
  return attentively(edge, async (attention) => {
    const built = await makeNamed(world, { ...attention, name, ...list.value })
    if (!built.ok) return deny(edge, built.refusal)
    const { sha256, what } = built.value.manifest
    const { name: python, version } = what.interpreter
    if (isOn(parsed, "--json")) edge.out.write(`${JSON.stringify({ name, sha256, prefix: built.value.place.prefix, what })}\n`)
    else edge.out.write(`${name} is sha256:${sha256}: ${python} ${version}, ${what.packages.length} packages.\n`)
    return EXIT.succeeded
  })
}

async function list(parsed: Parsed, edge: Edge): Promise<number> {
  const listed = await listEnvironments(await edge.environments())
  if (isOn(parsed, "--json")) edge.out.write(`${JSON.stringify(listed.map(summaryOf))}\n`)
  else if (listed.length === 0)
    edge.out.write("There is none yet. `stet env build NAME -r requirements.txt` makes one; a run notes the one it finds.\n")
  else edge.out.write(`${tableOn(edge.out, [["NAME", "DIGEST", "KIND", "KERNEL", "INTERPRETER", "PACKAGES", "MADE"], ...listed.map(row)])}\n`)
  return EXIT.succeeded
}

async function show(parsed: Parsed, edge: Edge): Promise<number> {
  const machine = await edge.environments()
  const shown = await named(parsed, edge)
  if (!shown.ok) return deny(edge, shown.refusal)
  const { manifest, isBuilt } = shown.value
  const damaged = isOn(parsed, "--verify") && isBuilt ? await machine.damaged(manifest.sha256) : undefined
  if (isOn(parsed, "--json"))
    edge.out.write(`${JSON.stringify({ ...summaryOf(shown.value), what: manifest.what, ...(damaged ? { damaged } : {}) })}\n`)
  else edge.out.write(`${details(shown.value)}\n`)
  if (damaged === undefined || damaged.length === 0) return EXIT.succeeded
  complain(
    edge,
    `not what their package brought: ${damaged.join(", ")}.`,
    `Remove ${machine.folderOf(manifest.sha256)}; the next run builds it anew.`,
  )
  return EXIT.failed
}

async function lock(parsed: Parsed, edge: Edge): Promise<number> {
  const text = await lockOf(parsed, edge)
  if (typeof text === "number") return text
  const output = lastValueOf(parsed, "--output")
  if (output === undefined || output === "-") edge.out.write(text)
  else await (await edge.storage({ allowPrivateAddresses: false })).write(output, new TextEncoder().encode(text))
  return EXIT.succeeded
}

/** The text of the lock, or the exit code when there is none. */
async function lockOf(parsed: Parsed, edge: Edge): Promise<string | number> {
  if (parsed.positionals[1] !== undefined) {
    const shown = await named(parsed, edge)
    if (!shown.ok) return deny(edge, shown.refusal)
    const { what, sha256 } = shown.value.manifest
    if (what.kind === "locked") return lockText(what.packages)
    return deny(edge, {
      message: `The environment ${sha256.slice(0, 12)} was only captured: nobody noted where its packages came from.`,
      remedy: "Build one from a list: stet env build NAME -r requirements.txt",
    })
  }
  const list = await listFrom(parsed, edge)
  if (!list.ok) return say(edge, list.refusal)
  const { requirements, python, folder } = list.value
  const specifier = pythonWanted(python)
  if (!specifier.ok) return deny(edge, specifier.refusal)
  const world = await worldOf(edge)
  return attentively(edge, async (attention) => {
    const locked = await lockRequirements(world, { requirements, folder, ...specifier.value, mayCompile: true }, attention)
    return locked.ok ? lockText(locked.value.manifest.what.packages) : deny(edge, locked.refusal)
  })
}

function named(parsed: Parsed, edge: Edge): Promise<Outcome<Listed, Pick<EnvironmentRefusal, "message" | "remedy">>> {
  const name = parsed.positionals[1]
  if (name !== undefined) return edge.environments().then((machine) => showEnvironment(machine, name))
  return Promise.resolve(refused({ message: "Which environment is meant is not said.", remedy: "Give its name or digest; see: stet env list" }))
}

type List = { readonly requirements: readonly string[]; readonly python: string; readonly folder: string }

/** The list that was given, from a file or from a notebook. */
async function listFrom(parsed: Parsed, edge: Edge): Promise<Outcome<List, Refusal>> {
  const [file, notebook] = [lastValueOf(parsed, "--requirements"), lastValueOf(parsed, "--notebook")]
  const python = lastValueOf(parsed, "--python")
  if ((file === undefined) === (notebook === undefined))
    return refused({
      messages: [file === undefined ? "there is no list." : "there are two lists."],
      remedy: "Give -r requirements.txt or -n NOTEBOOK.",
    })
  const storage = await edge.storage({ allowPrivateAddresses: false })
  if (file !== undefined) {
    const requirements = requirementLines(new TextDecoder().decode(await storage.read(file)))
    return accepted({ requirements, python: python ?? "", folder: file === "-" ? edge.cwd : dirname(resolve(edge.cwd, file)) })
  }
  const read = await readNotebook(storage, notebook ?? "")
  if (!read.ok) return read
  // The name that it asks for is the one that is being given: what it is made of stands beside.
  const said = stated({ ...read.value, metadata: withoutName(read.value.metadata) })
  if (!said.ok) return refused({ messages: [said.refusal.message], remedy: said.refusal.remedy })
  if (said.value.is !== "listed")
    return refused({ messages: ["the notebook carries no list of requirements."], remedy: "Add a `# /// script` block, or give -r." })
  return accepted({ requirements: said.value.requirements, python: python ?? said.value.requiresPython, folder: edge.cwd })
}

function withoutName(metadata: JsonObject): JsonObject {
  const stet = own(metadata, "stet")
  return isObject(stet) ? { ...metadata, stet: Object.fromEntries(Object.entries(stet).filter(([name]) => name !== "environment")) } : metadata
}

async function worldOf(edge: Edge): Promise<EnvironmentWorld> {
  return { machine: await edge.environments(), kernels: async () => [], clock: edge.clock, mayCompile: true }
}

type Attending = { readonly tell: (line: string) => void; readonly cancellation: AbortSignal }

/** Tells each step on standard error, and lets an interrupt end what is under way. */
async function attentively<Value>(edge: Edge, work: (attention: Attending) => Promise<Value>): Promise<Value> {
  const controller = new AbortController()
  const stop = edge.onSignal(() => controller.abort())
  try {
    return await work({ tell: (line) => edge.err.write(`${line}\n`), cancellation: controller.signal })
  } finally {
    stop()
  }
}

function deny(edge: Edge, refusal: Pick<EnvironmentRefusal, "message" | "remedy"> & Partial<Pick<EnvironmentRefusal, "refused">>): number {
  complain(edge, refusal.message, refusal.remedy)
  return refusal.refused === "cancelled" ? EXIT.cancelled : EXIT.bad
}

function summaryOf({ sha256, kind, names, manifest, isBuilt }: Listed) {
  const { kernel, interpreter, packages } = manifest.what
  return {
    sha256,
    kind,
    names,
    built: isBuilt,
    kernel: kernel.name,
    interpreter,
    packages: packages.length,
    requirements: manifest.requirements,
    madeAt: toIso(manifest.madeAt),
  }
}

function row({ sha256, kind, names, manifest, isBuilt }: Listed): readonly string[] {
  const { kernel, interpreter, packages } = manifest.what
  const known = kind === "locked" && !isBuilt ? "locked (not built)" : kind
  return [
    names.join(" "),
    sha256.slice(0, 12),
    known,
    kernel.name,
    `${interpreter.name} ${interpreter.version}`.trim(),
    String(packages.length),
    toIso(manifest.madeAt).slice(0, 16).replace("T", " "),
  ]
}

function details(listed: Listed): string {
  const { sha256, kind, names, manifest, isBuilt } = listed
  const { kernel, interpreter, platform, packages } = manifest.what
  const facts = [
    ["digest", `sha256:${sha256}`],
    ["names", names.join(", ") || "(none)"],
    ["kind", kind === "captured" ? "captured: a description only" : `locked, ${isBuilt ? "built here" : "not built here; the next run builds it"}`],
    ["kernel", `${kernel.name} (${kernel.displayName})`],
    ["command", kernel.argv.join(" ")],
    ["interpreter", `${interpreter.name} ${interpreter.version}`],
    ["platform", [platform.os, platform.machine, platform.libc].filter(Boolean).join(" ")],
    ["asked for", manifest.requirements.join(", ") || "(nothing)"],
    ["made", toIso(manifest.madeAt)],
  ]
  return `${table(facts)}\n\n${table(packages.map(({ name, version, url }) => [name, version, url ?? ""]))}`
}
