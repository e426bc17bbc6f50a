/** What the kernels of one script have in common: their processes, the transcript, and what makes them move. */
import type { JsonObject } from "#base/json.ts"
import type { Did, Request, ScriptedProcess } from "#kernel/adapters/scripted/process.ts"
import type { ScriptedOptions } from "#kernel/adapters/scripted/script.ts"
import type { Kernel, Launch } from "#kernel/ports.ts"

export type Deed = {
  /** Which kernel, counted from 1 in order of start. */
  readonly kernel: number
  readonly did: Did | "started" | "restarted" | "closed" | "detached" | "attached" | "asked to interrupt"
  /** Source for executes, message type for other requests, name for started, cause for died. */
  readonly what: string
  readonly msgId: string
  readonly content: JsonObject
  readonly launch?: Launch
}

export type Live = { readonly number: number; readonly name: string; readonly process: ScriptedProcess; kernel: Kernel | undefined }

export type World = {
  readonly options: ScriptedOptions
  readonly deeds: Deed[]
  readonly lives: Live[]
  pumping: boolean
  clients: number
  turns: number
}

// Taken when the module loads: a test's fake timers shall not stop the kernels.
const nextTurn = setImmediate
const afterMs = setTimeout

export function record(
  world: World,
  deed: { readonly kernel: number; readonly did: Deed["did"]; readonly request?: Request | undefined; readonly what?: string },
): void {
  const { kernel, did, request } = deed
  const { msg_type: type = "", msg_id: msgId = "" } = request?.header ?? {}
  const what = deed.what ?? (type === "execute_request" ? String(request?.content["code"]) : type)
  world.deeds.push({ kernel, did, what, msgId, content: request?.content ?? {} })
}

/** Up to `units` units of work, the kernels taking turns; false when there was none to do. */
export function tick(world: World, units: number): boolean {
  let worked = false
  for (let i = 0; i < units && workOne(world); i++) worked = true
  return worked
}

function workOne(world: World): boolean {
  const { lives } = world
  return lives.some(() => lives[world.turns++ % lives.length]!.process.work())
}

/** Sees to it that the kernels go on as long as they have something to do. */
export function pump(world: World): void {
  if (world.pumping || world.options.pace === "manual") return
  world.pumping = true
  const go = () => {
    world.pumping = false
    if (tick(world, 1)) pump(world)
  }
  const { tickMs = 0 } = world.options
  if (tickMs > 0 && world.lives.every((live) => live.process.onlyWaiting)) afterMs(go, tickMs)
  else nextTurn(go)
}

export async function settle(world: World): Promise<void> {
  if (world.options.pace === "manual") while (tick(world, 1)) await turn()
  else while (world.pumping) await turn()
}

export function turn(): Promise<void> {
  return new Promise((resolve) => nextTurn(resolve))
}
