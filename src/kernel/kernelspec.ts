/**
 * What a `kernel.json` says and what becomes of it at launch. Pure: the environment and the disk are arguments.
 * Source: "Making kernels for Jupyter", section "Kernel specs".
 */
import type { JsonObject } from "#base/json.ts"
import { slipsBetween } from "#base/nearest.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import type { KernelSpec } from "#kernel/ports.ts"

export type Environment = { readonly [name: string]: string | undefined }

/** One kernel.json that cannot be used, and why. */
export type BadSpec = { readonly refused: "bad_kernelspec"; readonly message: string }

const NAME = /^[a-z0-9._-]+$/

/** The name under which a folder's kernelspec goes, or undefined when Jupyter would not take it for one. */
export function specName(folder: string): string | undefined {
  const name = folder.toLowerCase()
  return NAME.test(name) ? name : undefined
}

/** The name that is meant: case does not count, and `python` is what old notebooks call `python3`. */
export function meantName(asked: string, names: ReadonlySet<string>): string {
  const name = asked.toLowerCase()
  return name === "python" && !names.has("python") ? "python3" : name
}

/** Reads the text of `<resourceDir>/kernel.json`. */
export function readSpec(name: string, resourceDir: string, text: string): Outcome<KernelSpec, BadSpec> {
  const value = parseObject(text)
  if (!value) return bad(resourceDir, "is not a JSON object")
  const { argv, display_name, language, env, interrupt_mode, metadata } = value
  if (!Array.isArray(argv) || argv.length === 0 || !argv.every(isString)) return bad(resourceDir, "has no argv: a list of strings")
  if (env !== undefined && !isStringMap(env)) return bad(resourceDir, "has an env that is not a map of strings")
  const known = isObject(metadata) ? metadata : {}
  const provisioner = isObject(known["kernel_provisioner"]) ? known["kernel_provisioner"]["provisioner_name"] : undefined
  if (provisioner !== undefined && provisioner !== "local-provisioner")
    return bad(resourceDir, `needs the provisioner ${JSON.stringify(provisioner)}`)
  return accepted({
    name,
    displayName: isString(display_name) ? display_name : name,
    language: isString(language) ? language : "",
    argv,
    env: env ?? {},
    interruptMode: interrupt_mode === "message" ? "message" : "signal",
    metadata: known,
    resourceDir,
  })
}

/** What the placeholders of an argv stand for. */
export type Placeholders = { readonly connectionFile: string; readonly resourceDir: string; readonly prefix: string }

/** The command line of a kernelspec with its placeholders filled in; unknown ones stay as they are. */
export function fillArgv(argv: readonly string[], placeholders: Placeholders): readonly string[] {
  const values: Record<string, string> = {
    connection_file: placeholders.connectionFile,
    resource_dir: placeholders.resourceDir,
    prefix: placeholders.prefix,
  }
  return argv.map((part) => part.replace(/\{([A-Za-z0-9_]+)\}/g, (whole, name: string) => values[name] ?? whole))
}

/** Fills `$NAME` and `${NAME}` in a kernelspec's env; `$$` is a dollar, unknown names stay as they are. */
export function fillEnv(env: { readonly [name: string]: string }, from: Environment): { [name: string]: string } {
  const fill = (value: string) =>
    value.replace(/\$(?:(\$)|([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})/g, (whole, dollar, bare, braced) =>
      dollar ? "$" : (from[bare ?? braced] ?? whole),
    )
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, fill(value)]))
}

/** How an argv starts ipykernel: what comes before `-m ipykernel_launcher` and after it; undefined when it does not. */
export type IpykernelArgv = { readonly interpreter: readonly string[]; readonly rest: readonly string[] }

export function asIpykernel(argv: readonly string[]): IpykernelArgv | undefined {
  const at = argv.findIndex((part, i) => part === "-m" && /^ipykernel(_launcher)?$/.test(argv[i + 1] ?? ""))
  return at < 1 ? undefined : { interpreter: argv.slice(0, at), rest: argv.slice(at + 2) }
}

/** How an argv starts a Python module with an interpreter: `python -m bash_kernel …`; undefined when it does not. */
export function asPythonModule(argv: readonly string[]): { readonly interpreter: readonly string[]; readonly rest: readonly string[] } | undefined {
  const at = argv.indexOf("-m")
  const interpreter = argv.slice(0, at)
  return at > 0 && at + 1 < argv.length && isBareInterpreter(interpreter) ? { interpreter, rest: argv.slice(at + 1) } : undefined
}

/**
 * How to reach a kernel, first choice first. Sockets in a private folder keep other users of the machine out, but not
 * every kernel can make them. Deno cannot (seen with 2.9); of the rest that one learns by trying.
 */
export function transportsOf({ argv }: Pick<KernelSpec, "argv">): readonly ("ipc" | "tcp")[] {
  if (asIpykernel(argv)) return ["ipc"]
  return isDeno(argv) ? ["tcp"] : ["ipc", "tcp"]
}

/** Whether a kernel says `idle` before its output is out. */
export function saysIdleEarly({ argv }: Pick<KernelSpec, "argv">): boolean {
  return isDeno(argv)
}

function isDeno([program = "", command]: readonly string[]): boolean {
  return /(^|\/)deno$/.test(program) && command === "jupyter"
}

/** True when a command is an interpreter and its flags, so that the process it starts is the interpreter itself. */
export function isBareInterpreter(interpreter: readonly string[]): boolean {
  const [program = "", ...flags] = interpreter
  const name = program.slice(program.lastIndexOf("/") + 1)
  return /^(python|pypy)[0-9.]*$/.test(name) && flags.every((flag) => flag.startsWith("-") || flag.includes("="))
}

/** Names ordered by likeness to the one asked for, the nearest first. */
export function nearestFirst(asked: string, names: readonly string[]): readonly string[] {
  const distance = new Map(names.map((name) => [name, likeness(asked.toLowerCase(), name)]))
  return [...names].sort((a, b) => (distance.get(a) ?? 0) - (distance.get(b) ?? 0) || (a < b ? -1 : 1))
}

/** The name that may have been meant; undefined when none is near. */
export function nearName(asked: string, names: readonly string[]): string | undefined {
  const [first] = nearestFirst(asked, names)
  const allowed = Math.max(1, Math.floor(asked.length / 3))
  return first !== undefined && asked.length > 1 && likeness(asked.toLowerCase(), first) <= allowed ? first : undefined
}

// A name that contains the other (`python` in `python3`, `ir` in `conda-env-r-ir`) is nearer than any misspelling.
function likeness(a: string, b: string): number {
  const edits = slipsBetween(a, b)
  return a !== "" && (a.includes(b) || b.includes(a)) ? edits / 100 : edits
}

function bad(resourceDir: string, what: string): Outcome<never, BadSpec> {
  return refused({ refused: "bad_kernelspec", message: `${resourceDir}/kernel.json ${what}.` })
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isString(value: unknown): value is string {
  return typeof value === "string"
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function isStringMap(value: unknown): value is { readonly [name: string]: string } {
  return isObject(value) && Object.values(value).every(isString)
}
