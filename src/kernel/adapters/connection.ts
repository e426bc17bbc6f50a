import { randomBytes } from "node:crypto"
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { createServer, type Server } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { Fault, toError } from "#base/fault.ts"

export type Port = "shell" | "iopub" | "stdin" | "control" | "hb"
const PORTS: readonly Port[] = ["shell", "iopub", "stdin", "control", "hb"]

/** How to reach one kernel: what its connection file says. */
export type Connection = {
  readonly transport: "ipc" | "tcp"
  readonly ip: string
  readonly ports: { readonly [port in Port]: number }
  readonly key: string
  readonly kernelName: string
  readonly file: string
}

// A unix socket's path may be 107 bytes long, and the longest of ours is the folder, "/k/s-5".
const LONGEST_FOLDER = 107 - "/k/s-5".length

/**
 * A new private folder (0700) with a short path, for one kernel's sockets, connection file and output.
 * @throws Fault kernel_start_failed when there is no place for one
 */
export function makeKernelFolder(runtimeDir: string | undefined, env: NodeJS.ProcessEnv): string {
  const places = [runtimeDir, env["XDG_RUNTIME_DIR"], tmpdir(), "/tmp"].filter((path): path is string => Boolean(path))
  let cause: unknown
  for (const place of places) {
    if (Buffer.byteLength(join(place, "stet-XXXXXX")) > LONGEST_FOLDER) continue
    try {
      mkdirSync(place, { recursive: true, mode: 0o700 })
      return mkdtempSync(join(place, "stet-"))
    } catch (error) {
      cause = error
    }
  }
  throw new Fault("kernel_start_failed", `No folder for the kernel's sockets can be made in ${places.join(" or ")}: ${toError(cause).message}.`, {
    cause,
    remedy: "Set XDG_RUNTIME_DIR to a folder of your own with a short path and free space.",
  })
}

/** Chooses addresses (sockets lie in `sockets`) and a fresh key, and writes the connection file (0600) into the kernel's folder. */
export async function makeConnection(folder: string, transport: "ipc" | "tcp", kernelName: string, sockets = folder): Promise<Connection> {
  const numbers = transport === "ipc" ? [1, 2, 3, 4, 5] : await freePorts(PORTS.length)
  const ports = Object.fromEntries(PORTS.map((port, i) => [port, numbers[i] ?? 0])) as Connection["ports"]
  const ip = transport === "ipc" ? join(sockets, "s") : "127.0.0.1"
  const connection = { transport, ip, ports, key: randomBytes(32).toString("hex"), kernelName, file: join(folder, "connection.json") }
  writeConnection(connection)
  return connection
}

function writeConnection({ transport, ip, ports, key, kernelName, file }: Connection): void {
  const named = Object.fromEntries(PORTS.map((port) => [`${port}_port`, ports[port]]))
  const text = JSON.stringify({ ...named, ip, key, transport, signature_scheme: "hmac-sha256", kernel_name: kernelName }, null, 1)
  writeFileSync(file, text, { mode: 0o600 })
  chmodSync(file, 0o600)
}

/** Reads a connection file back. @throws Fault kernel_died when it is gone, damaged or open to others than its owner */
export function readConnection(file: string): Connection {
  const value = readPrivateJson(file)
  const { ip, key, transport, kernel_name, signature_scheme } = value
  const ports = Object.fromEntries(PORTS.map((port) => [port, value[`${port}_port`]])) as Connection["ports"]
  const isWhole = typeof ip === "string" && typeof key === "string" && key !== "" && (transport === "ipc" || transport === "tcp")
  if (!isWhole || !PORTS.every((port) => Number.isInteger(ports[port]))) throw unreachableKernel(file, "is not a connection file")
  if (signature_scheme !== undefined && signature_scheme !== "hmac-sha256")
    throw unreachableKernel(file, "asks for another signature scheme than hmac-sha256")
  return { transport, ip, ports, key, kernelName: typeof kernel_name === "string" ? kernel_name : "", file }
}

function readPrivateJson(file: string): { readonly [name: string]: unknown } {
  try {
    const { mode, uid } = statSync(file)
    if ((mode & 0o077) !== 0 || (process.getuid !== undefined && uid !== process.getuid()))
      throw unreachableKernel(file, "is open to others than you")
    return (JSON.parse(readFileSync(file, "utf8")) ?? {}) as { readonly [name: string]: unknown }
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    throw unreachableKernel(file, "cannot be read", cause)
  }
}

function unreachableKernel(file: string, why: string, cause?: unknown): Fault {
  return new Fault("kernel_died", `The kept kernel cannot be reached: ${file} ${why}.`, { cause, remedy: "Start a fresh kernel." })
}

/** The zmq address of one of its ports. */
export function address({ transport, ip, ports }: Connection, port: Port): string {
  return transport === "ipc" ? `ipc://${ip}-${ports[port]}` : `tcp://${ip}:${ports[port]}`
}

/** Takes away sockets, connection file and folder. */
export function removeKernelFolder(connectionFile: string): void {
  rmSync(dirname(connectionFile), { recursive: true, force: true })
}

// All are held at once, so that they differ; they are free again when the kernel binds them.
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, holdPort))
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
  return ports
}

function holdPort(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once("error", reject)
    server.listen({ port: 0, host: "127.0.0.1", exclusive: true }, () => resolve(server))
  })
}
