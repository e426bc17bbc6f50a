/**
 * What the comm messages of a run leave behind: the state of every widget, saved under the standard MIME type
 * `application/vnd.jupyter.widget-state+json` (version 2.0), and the Output widgets that capture what a cell says.
 */
import type { Json, JsonObject } from "#base/json.ts"
import type { Message } from "#kernel/index.ts"
import type { Output } from "#notebook/index.ts"

type Buffer = { readonly path: Json; readonly bytes: Uint8Array }
type Comm = { readonly target: string; state: { [key: string]: Json }; readonly buffers: Map<string, Buffer>; isClosed: boolean }

/** One that is there, with all that its messages said of its state. */
export type OpenedWidget = {
  readonly commId: string
  readonly target: string
  readonly state: JsonObject
  readonly bufferPaths: readonly Json[]
  readonly buffers: readonly Uint8Array[]
}

/** Something the kernel must be told, because a widget's state changed on our side. */
export type Tell = { readonly commId: string; readonly data: JsonObject }

const OUTPUT_MODULE = "@jupyter-widgets/output"

export class Widgets {
  readonly #comms = new Map<string, Comm>()
  /** Request id → comms of the Output widgets that capture it, innermost last. */
  readonly #captures = new Map<string, string[]>()

  hear(message: Message): void {
    const { content } = message
    const id = typeof content["comm_id"] === "string" ? content["comm_id"] : ""
    if (message.header.msg_type === "comm_close") return this.#close(id)
    if (message.header.msg_type === "comm_open")
      this.#comms.set(id, { target: String(content["target_name"] ?? ""), state: {}, buffers: new Map(), isClosed: false })
    const comm = this.#comms.get(id)
    const data = content["data"] as JsonObject | undefined
    const state = data?.["state"] as JsonObject | undefined
    if (!comm || !state) return
    this.#capture(id, comm, state)
    Object.assign(comm.state, state)
    // A value that is said anew takes the buffers of the one before with it.
    for (const [key, { path }] of comm.buffers) if (Array.isArray(path) && Object.hasOwn(state, String(path[0]))) comm.buffers.delete(key)
    keepBuffers(comm, data?.["buffer_paths"], message.buffers)
  }

  /** The Output widget that takes what this request says; undefined when none does. */
  capturing(request: string): string | undefined {
    return this.#captures.get(request)?.at(-1)
  }

  /** Gives an Output widget its outputs; the kernel's own model must hear of it. */
  show(commId: string, outputs: readonly Output[]): Tell {
    const comm = this.#comms.get(commId)
    if (comm) comm.state["outputs"] = outputs
    return { commId, data: { method: "update", state: { outputs }, buffer_paths: [] } }
  }

  /** Those that were not closed, in the order in which they came. */
  opened(): readonly OpenedWidget[] {
    return [...this.#comms]
      .filter(([, { isClosed }]) => !isClosed)
      .map(([commId, { target, state, buffers }]) => {
        const kept = [...buffers.values()]
        return { commId, target, state, bufferPaths: kept.map(({ path }) => path), buffers: kept.map(({ bytes }) => bytes) }
      })
  }

  /** The value of `metadata.widgets`; undefined when there is no widget. */
  saved(): JsonObject | undefined {
    const state: { [id: string]: Json } = {}
    for (const [id, comm] of this.#comms) {
      if (comm.target !== "jupyter.widget" || typeof comm.state["_model_name"] !== "string") continue
      state[id] = savedModel(comm)
    }
    if (Object.keys(state).length === 0) return undefined
    return { "application/vnd.jupyter.widget-state+json": { state, version_major: 2, version_minor: 0 } }
  }

  #close(id: string): void {
    const comm = this.#comms.get(id)
    if (comm) comm.isClosed = true
    // A closed widget's view can no longer be shown, but its last state is what the notebook looked like.
    for (const stack of this.#captures.values()) {
      const at = stack.indexOf(id)
      if (at >= 0) stack.splice(at, 1)
    }
  }

  #capture(id: string, comm: Comm, change: JsonObject): void {
    const module = change["_model_module"] ?? comm.state["_model_module"]
    if (module !== OUTPUT_MODULE || !("msg_id" in change)) return
    const before = comm.state["msg_id"]
    if (typeof before === "string" && before !== "") {
      const stack = this.#captures.get(before)
      const at = stack?.lastIndexOf(id) ?? -1
      if (at >= 0) stack?.splice(at, 1)
    }
    const now = change["msg_id"]
    if (typeof now === "string" && now !== "") this.#captures.set(now, [...(this.#captures.get(now) ?? []), id])
  }
}

function savedModel(comm: Comm): JsonObject {
  const { _model_name, _model_module, _model_module_version, ...rest } = comm.state
  const state: JsonObject = {
    ...rest,
    _model_name: _model_name!,
    _model_module: _model_module ?? "",
    _model_module_version: _model_module_version ?? "",
  }
  const model = { model_module: _model_module ?? "", model_module_version: _model_module_version ?? "", model_name: _model_name!, state }
  if (comm.buffers.size === 0) return model
  return { ...model, buffers: [...comm.buffers.values()].map(({ path, bytes }) => ({ data: toBase64(bytes), encoding: "base64", path })) }
}

function keepBuffers(comm: Comm, paths: Json | undefined, buffers: readonly Uint8Array[]): void {
  if (!Array.isArray(paths)) return
  paths.forEach((path: Json, index: number) => {
    const bytes = buffers[index]
    if (bytes && Array.isArray(path)) comm.buffers.set(JSON.stringify(path), { path, bytes: bytes.slice() })
  })
}

function toBase64(bytes: Uint8Array): string {
  const parts: string[] = []
  for (let start = 0; start < bytes.length; start += 32_766) parts.push(btoa(String.fromCharCode(...bytes.subarray(start, start + 32_766))))
  return parts.join("")
}
