/** The command line's edge: the only place that chooses its adapters and reads the environment. */
import { existsSync, fstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { homedir } from "node:os"
import { delimiter, dirname, join, resolve } from "node:path"
import { isAlive } from "#base/adapters/process.ts"
import { Fault } from "#base/fault.ts"
import { complain, type Edge, EXIT, type SecretFile, type Terminal } from "#cli/edge.ts"
import { main } from "#cli/main.ts"
import type { KeptKernel } from "#kernel/index.ts"
import type { MemberQuestion } from "#notebook/index.ts"
import { systemClock, systemRandom, systemTimers } from "#run/adapters/system.ts"
import { HOME_REMEDY, refusedHome } from "#setup/home.mjs"

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }
const home = resolve(process.env["STET_HOME"] || join(homedir(), ".stet"))

const edge: Edge = {
  env: process.env,
  home,
  cwd: process.cwd(),
  pid: process.pid,
  version,
  out: terminal(process.stdout),
  err: terminal(process.stderr),
  stdinIsPipe: stdinIsPipe(),
  async *lines() {
    const { createInterface } = await import("node:readline")
    yield* createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })
  },
  clock: systemClock,
  timers: systemTimers,
  random: systemRandom,
  // Loaded when needed: sockets and clouds cost more start-up time than everything else together.
  kernels: async () => {
    const gateway = process.env["JUPYTER_GATEWAY_URL"]
    if (gateway) {
      const { gatewayKernels } = await import("#kernel/adapters/gateway.ts")
      const token = process.env["JUPYTER_GATEWAY_AUTH_TOKEN"]
      return gatewayKernels({ url: gateway, ...(token ? { token } : {}) })
    }
    const { localKernels } = await import("#kernel/adapters/local.ts")
    return localKernels({ managedPython: join(home, "python", "bin", "python") })
  },
  preparePython,
  storage: async (options) => {
    const { openStorage } = await import("#run/adapters/storage.ts")
    return openStorage(options)
  },
  records: async () => {
    const [journals, format, blobs] = await Promise.all([
      import("#run/adapters/journal-file.ts"),
      import("#run/adapters/journal-format.ts"),
      import("#run/adapters/blob-directory.ts"),
    ])
    return {
      openJournal: (path) => {
        // Only Stet's own directory is made: a wrong path of --journal is to be noticed.
        if (dirname(path) === join(home, "journals")) inHome(() => mkdirSync(dirname(path), { recursive: true, mode: 0o700 }))
        return journals.openJournal(path)
      },
      readJournal: journals.readJournal,
      blobs: blobs.blobDirectory(join(home, "blobs")),
      placed: format.placed,
      withContent: format.withContent,
    }
  },
  loadGrammars: async () => (await import("#notebook/adapters/grammars.ts")).loadGrammars(),
  verifying: async () => {
    const [{ createHash }, { verifyEd25519 }] = await Promise.all([import("node:crypto"), import("#template/adapters/signer.ts")])
    return { sha256: (bytes) => createHash("sha256").update(bytes).digest("hex"), verify: verifyEd25519 }
  },
  secretFile: (run) => secretFile(join(home, "secrets", run)),
  keepKernel: (run, kept) => writePrivate(keptFile(run), JSON.stringify(kept)),
  keptKernel: (run) => {
    try {
      return JSON.parse(readFileSync(keptFile(run), "utf8")) as KeptKernel
    } catch {
      return undefined
    }
  },
  forgetKernel: (run) => rmSync(keptFile(run), { force: true }),
  journals,
  removeJournal: (path) => rmSync(path, { force: true }),
  servers: {
    local: localServer,
    savedToken: (origin) => credentials()[origin],
    saveToken: (origin, token) => writePrivate(credentialsFile, JSON.stringify({ ...credentials(), [origin]: token }, undefined, 1)),
    readTokenFile: (path) => readText(path === "-" ? 0 : path),
  },
  socket: async (url, token) => (await import("#cli/adapters/socket.ts")).openSocket(url, token),
  serveKernel: async (kernelName, hear) => (await import("#kernel/adapters/served.ts")).serveKernel(kernelName, hear),
  isFolder: (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false,
  isBeside: (notebook, name) => existsSync(resolve(dirname(resolve(notebook)), name.replace(/^~(?=\/|$)/, homedir()))),
  readBeside: (notebook, name) => {
    const path = resolve(dirname(resolve(notebook)), name)
    return statSync(path, { throwIfNoEntry: false })?.isFile() ? readText(path) : undefined
  },
  importable,
  members,
  zipFolder,
  workshop: async () => (await import("#cli/adapters/workshop.ts")).workshop(),
  platform: async () => {
    const { platformOf } = await import("#platform.ts")
    return platformOf(process.env, { version, preparePython, tell: (line) => void process.stdout.write(`${line}\n`) })
  },
  environments: async () => {
    const { localMachine } = await import("#environment/adapters/machine.ts")
    return localMachine({ home, env: process.env })
  },
  exit: (code) => process.exit(code),
  confirm,
  onSignal,
}

const credentialsFile = join(home, "credentials.json")

async function importable(kernelName: string): ReturnType<Edge["importable"]> {
  const [spec, { importableIn }] = await Promise.all([specOf(kernelName), import("#environment/adapters/importable.ts")])
  return spec && importableIn(spec, undefined, process.env)
}

async function members(kernelName: string, questions: readonly MemberQuestion[]): ReturnType<Edge["members"]> {
  const [python, { membersOf }] = await Promise.all([pythonOf(kernelName), import("#environment/adapters/members.ts")])
  return python ? membersOf(python.path, python.env, questions) : () => undefined
}

async function specOf(kernelName: string) {
  const { localKernels } = await import("#kernel/adapters/local.ts")
  const kernels = localKernels({ managedPython: join(home, "python", "bin", "python") })
  const spec = (await kernels.list()).find(({ name }) => name === kernelName)
  await kernels.close()
  return spec
}

/** The interpreter of a kernel; undefined where it is no Python's, or not here. */
async function pythonOf(kernelName: string): Promise<{ readonly path: string; readonly env: NodeJS.ProcessEnv } | undefined> {
  const spec = await specOf(kernelName)
  const [path] = spec?.argv ?? []
  return spec?.language.toLowerCase() === "python" && path ? { path, env: { ...process.env, ...spec.env } } : undefined
}

async function zipFolder(path: string): Promise<Uint8Array> {
  const [{ readFolder }, { zipOf }] = await Promise.all([import("#library/adapters/folder-reader.ts"), import("#library/adapters/zip-writer.ts")])
  const { pieces } = await readFolder(resolve(path))
  const files = pieces.filter(({ kind }) => kind === "file").map((piece) => ({ path: piece.path, at: Date.now(), content: () => piece.content() }))
  const parts: Uint8Array[] = []
  for await (const part of zipOf(eachOf(files))) parts.push(part)
  return new Uint8Array(Buffer.concat(parts))
}

async function* eachOf<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items
}

function credentials(): { readonly [origin: string]: string | undefined } {
  return JSON.parse(readText(credentialsFile) ?? "{}") as { [origin: string]: string }
}

function localServer(): { readonly url: string; readonly token: string } | undefined {
  const [holder, token] = [readText(join(home, "run", "start.json")), readText(join(home, "run", "token"))]
  const { url, pid } = JSON.parse(holder ?? "{}") as { readonly url?: string; readonly pid?: number }
  return url !== undefined && token !== undefined && isAlive(pid ?? Number.NaN) ? { url, token: token.trim() } : undefined
}

function readText(path: string | number): string | undefined {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return undefined
  }
}

async function preparePython(): Promise<void> {
  if (process.env["JUPYTER_GATEWAY_URL"]) return
  const [{ usablePython }, { stepsOn }] = await Promise.all([import("#setup/python.mjs"), import("#setup/step.mjs")])
  try {
    const python = await usablePython({ home, step: stepsOn(process.stderr) })
    // From here on it is found where Jupyter looks for kernels.
    if (python.from !== "kernelspec")
      process.env["JUPYTER_PATH"] = [join(python.prefix, "share", "jupyter"), process.env["JUPYTER_PATH"]].filter(Boolean).join(delimiter)
  } catch (error) {
    const { name, message, remedy } = error as { readonly name?: string; readonly message?: string; readonly remedy?: string }
    if (name !== "SetupFailed") throw error
    throw new Fault("kernel_start_failed", message ?? "", { cause: error, remedy: remedy ?? "" })
  }
}

function journals(): ReturnType<Edge["journals"]> {
  const folder = join(home, "journals")
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".journal")) : []
  return names.map((name) => {
    const path = join(folder, name)
    return { path, sizeBytes: statSync(path).size, inUse: isAlive(Number(name.split(".")[1])) }
  })
}

function stdinIsPipe(): boolean {
  try {
    return fstatSync(0).isFIFO()
  } catch {
    return false
  }
}

/** Yes is said, never assumed. */
async function confirm(question: string): Promise<boolean | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined
  const { createInterface } = await import("node:readline/promises")
  const asking = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await asking.question(`${question} [y/N] `)
  asking.close()
  return /^y(?:es)?$/i.test(answer.trim())
}

function keptFile(run: string): string {
  return join(home, "kept", `${run}.json`)
}

/** Readable by its owner alone, in a directory that only the owner can enter. */
function writePrivate(path: string, text: string): void {
  inHome(() => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(path, text, { mode: 0o600 })
  })
}

/** @throws Fault storage_unwritable, disk_full */
function inHome(write: () => void): void {
  try {
    write()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const isFull = code === "ENOSPC" || code === "EDQUOT"
    throw new Fault(isFull ? "disk_full" : "storage_unwritable", `Stet's home directory ${home} cannot be written: ${message}.`, {
      cause: error,
      remedy: isFull ? "Free some space, or set STET_HOME to a place with more." : "Set STET_HOME to a directory that you may write.",
    })
  }
}

function secretFile(path: string): SecretFile {
  return { path, write: (text) => writePrivate(path, text), remove: () => rmSync(path, { force: true }) }
}

function terminal(stream: NodeJS.WriteStream): Terminal {
  let isClosed = false
  // A reader that went away (`stet … | head`) is no fault of ours.
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error
    isClosed = true
  })
  return {
    write: (text) => void stream.write(text),
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.columns || 80
    },
    get isClosed() {
      return isClosed
    },
    colours: stream.isTTY === true && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb",
  }
}

function onSignal(then: (signal: string) => void): () => void {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const
  for (const signal of signals) process.on(signal, then)
  return () => {
    for (const signal of signals) process.off(signal, then)
  }
}

const refused = refusedHome(home)
if (refused) complain(edge, refused, HOME_REMEDY)
process.exitCode = refused ? EXIT.infrastructure : await main(process.argv.slice(2), edge)
