/**
 * Reads as a load generator asks them: so many connections, each with one request at a time. It speaks HTTP itself, over plain sockets,
 * because Node's client costs more for a small answer than the server does, and takes it from the same cores.
 */
import { readFileSync } from "node:fs"
import { connect, type Socket } from "node:net"
import { join } from "node:path"
import { childrenOf, cpuMs } from "../faults/processes.ts"
import type { Stand } from "../faults/stand.ts"

export type Reads = {
  readonly perSecond: number
  /** Milliseconds of each. */
  readonly took: readonly number[]
  /** Milliseconds of processor time for one. */
  readonly cpu: { readonly server: number; readonly postgres: number; readonly client: number }
  readonly bytes: number
}

const CONNECTIONS = 20

/** Every answer is read to its end, and must be a 200 of as many bytes as it says. */
export async function readsOf(stand: Stand, path: string, { warmUp, ms }: { readonly warmUp: number; readonly ms: number }): Promise<Reads> {
  const heads = Object.entries({ ...stand.headers, host: `localhost:${stand.port}` }).map(([name, value]) => `${name}: ${value}\r\n`)
  const asked = Buffer.from(`GET ${path} HTTP/1.1\r\n${heads.join("")}\r\n`)
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => opened(stand.port)))
  const all = async (goesOn: () => boolean) => {
    const took: number[] = []
    let bytes = 0
    const one = async (connection: Connection) => {
      while (goesOn()) {
        const since = performance.now()
        bytes = await connection.ask(asked)
        took.push(performance.now() - since)
      }
    }
    await Promise.all(connections.map(one))
    return { took, bytes }
  }
  let left = warmUp
  await all(() => left-- > 0)
  const server = await stand.pidOf("server")
  const spent = () => ({ server: cpuMs(server), postgres: postgresCpuMs(stand), client: process.cpuUsage() })
  const [before, since] = [spent(), performance.now()]
  const { took, bytes } = await all(() => performance.now() - since < ms)
  const [after, seconds] = [spent(), (performance.now() - since) / 1000]
  for (const { socket } of connections) socket.destroy()
  const client = after.client.user + after.client.system - before.client.user - before.client.system
  const each = (spentMs: number) => spentMs / took.length
  const cpu = { server: each(after.server - before.server), postgres: each(after.postgres - before.postgres), client: each(client / 1000) }
  return { perSecond: took.length / seconds, took, cpu, bytes }
}

function postgresCpuMs({ home }: Stand): number {
  const postmaster = Number(readFileSync(join(home, "postgres", "postmaster.pid"), "utf8").split("\n")[0])
  return [{ pid: postmaster }, ...childrenOf(postmaster)].reduce((sum, { pid }) => sum + cpuMs(pid), 0)
}

type Connection = { readonly socket: Socket; ask(request: Buffer): Promise<number> }
type Waiting = { readonly resolve: (bytes: number) => void; readonly reject: (error: Error) => void }

async function opened(port: number): Promise<Connection> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true })
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject))
  let waiting: Waiting | undefined
  let [head, left, size] = ["", 0, 0]
  const told = (outcome: number | Error) => {
    const { resolve, reject } = waiting ?? {}
    waiting = undefined
    if (outcome instanceof Error) reject?.(outcome)
    else resolve?.(outcome)
  }
  socket.on("error", told)
  socket.on("close", () => told(new Error("the server closed a connection")))
  socket.on("data", (chunk: Buffer) => {
    if (left === 0) {
      head += chunk.toString("latin1")
      const end = head.indexOf("\r\n\r\n")
      if (end < 0) return
      const length = /\r\ncontent-length: (\d+)\r\n/i.exec(head.slice(0, end + 2))?.[1]
      if (!head.startsWith("HTTP/1.1 200 ") || length === undefined) return told(new Error(`this is answered: ${head.slice(0, 300)}`))
      size = Number(length)
      left = size - (head.length - end - 4)
      head = ""
    } else left -= chunk.length
    if (left < 0) return told(new Error("more came than was said"))
    if (left === 0) told(size)
  })
  return {
    socket,
    ask: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        socket.write(request)
      }),
  }
}
