/** A client's end of a scripted kernel: what tests and the run engine hold. */
import { Fault } from "#base/fault.ts"
import type { JsonObject } from "#base/json.ts"
import type { Request } from "#kernel/adapters/scripted/process.ts"
import { infoOf } from "#kernel/adapters/scripted/script.ts"
import { type Live, pump, record, turn, type World } from "#kernel/adapters/scripted/world.ts"
import type { Execute, Header, KeptKernel, Kernel, SendMore } from "#kernel/ports.ts"
import { executeContent, executeMore } from "#kernel/request.ts"

type Line = { readonly session: string; sent: number; open: boolean }

export function connect(world: World, live: Live, from: "scripted" | "attached"): Kernel {
  const { process, number } = live
  world.clients += 1
  const line: Line = { session: `client-${world.clients}`, sent: 0, open: true }
  process.client = undefined
  const kernel: Kernel = {
    info: infoOf(world.options, live.name),
    started: { tookMs: 0, from },
    pid: undefined,
    listen: (listener) => {
      if (line.open) process.client = listener
      pump(world)
    },
    execute: (request) => post(world, live, { line, ...executeRequest(kernel, request) }),
    send: (channel, type, content, more) => post(world, live, { line, channel, type, content, more: more ?? {} }),
    interrupt: async () => {
      record(world, { kernel: number, did: "asked to interrupt" })
      process.interrupt()
      pump(world)
      await turn()
    },
    restart: () => restart(world, live),
    close: async () => {
      if (line.open) leave(world, live, { line, did: "closed" })
      await turn()
    },
    detach: async (forMs) => {
      if (!line.open || !process.alive) return undefined
      leave(world, live, { line, did: "detached" })
      await turn()
      return keptKernel(live, forMs)
    },
  }
  live.kernel = kernel
  return kernel
}

function keptKernel(live: Live, until: number): KeptKernel {
  return { connectionFile: connectionFile(live), kernelName: live.name, pid: live.number, startedAt: 0, until }
}

export function connectionFile(live: Live): string {
  return `scripted:${live.number}`
}

async function restart(world: World, live: Live): Promise<void> {
  await turn()
  const { restartFails } = world.options
  if (restartFails !== undefined) throw new Fault("kernel_start_failed", restartFails)
  record(world, { kernel: live.number, did: "restarted" })
  live.process.restart()
}

function leave(world: World, live: Live, { line, did }: { readonly line: Line; readonly did: "closed" | "detached" }): void {
  line.open = false
  record(world, { kernel: live.number, did })
  live.process.client = "nowhere"
  if (did === "closed") live.process.end()
}

type Post = { readonly channel: Request["channel"]; readonly type: string; readonly content: JsonObject; readonly more: SendMore }

function executeRequest(kernel: Kernel, request: Execute): Post {
  if (request.after !== undefined && !kernel.info.features.has("conditional execute")) throw new Error("this kernel has no conditional execute")
  return { channel: "shell", type: "execute_request", content: executeContent(request), more: executeMore(request) }
}

function post(world: World, live: Live, { line, channel, type, content, more }: Post & { readonly line: Line }): string {
  if (!line.open) throw new Error(`${type} was sent to a kernel that had been closed`)
  line.sent += 1
  const { metadata = {}, buffers = [], parentId = "", subshellId } = more
  const header: Header = {
    msg_id: `${line.session}_${line.sent}`,
    msg_type: type,
    session: line.session,
    username: "stet",
    date: "",
    version: "5.4",
    ...(subshellId === undefined ? {} : { subshell_id: subshellId }),
  }
  live.process.accept({ channel, header, parentId, metadata, content, buffers })
  pump(world)
  return header.msg_id
}
