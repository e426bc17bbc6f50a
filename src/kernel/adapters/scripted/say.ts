/**
 * The words of a script: what a scripted kernel says, or does, when it is asked to execute something.
 * An answer is a list of them, said in order; a request that was not ended by `error`, `dies` or the like ends well.
 */
import type { JsonObject } from "#base/json.ts"
import type { Channel, Exit } from "#kernel/ports.ts"

export type Say =
  | { readonly say: "message"; readonly channel: Channel; readonly type: string; readonly content: JsonObject; readonly more: SayMore }
  | { readonly say: "result"; readonly data: JsonObject; readonly metadata: JsonObject }
  | { readonly say: "raises"; readonly error: Raised; readonly output: boolean; readonly reply: boolean }
  | { readonly say: "asks"; readonly prompt: string; readonly password: boolean; readonly then: (answer: string) => readonly Say[] }
  | { readonly say: "waits"; readonly ticks: number }
  | { readonly say: "hangs"; readonly onInterrupt: readonly Say[] | "ignored" }
  | { readonly say: "payload"; readonly payload: JsonObject }
  | { readonly say: "replies"; readonly content: JsonObject }
  | { readonly say: "later"; readonly ticks: number; readonly says: readonly Say[] }
  | { readonly say: "as"; readonly code: string; readonly says: readonly Say[] }
  | { readonly say: "idle first" }
  | { readonly say: "dies"; readonly exit: Exit }
  | { readonly say: "restarts itself" }

export type SayMore = {
  readonly metadata?: JsonObject
  readonly buffers?: readonly Uint8Array[]
  /** The id it answers instead of the request's own; "" for nothing. */
  readonly parentId?: string
}

type Raised = { readonly ename: string; readonly evalue: string; readonly traceback: readonly string[] }

export function raw(channel: Channel, type: string, content: JsonObject, more: SayMore = {}): Say {
  return { say: "message", channel, type, content, more }
}

function iopub(type: string, content: JsonObject, more: SayMore = {}): Say {
  return raw("iopub", type, content, more)
}

export function stdout(text: string): Say {
  return iopub("stream", { name: "stdout", text })
}

export function stderr(text: string): Say {
  return iopub("stream", { name: "stderr", text })
}

/** A text stands for `{"text/plain": text}`. */
export type Shown = string | JsonObject

function mimes(shown: Shown): JsonObject {
  return typeof shown === "string" ? { "text/plain": shown } : shown
}

function transient(displayId: string | undefined): JsonObject {
  return displayId === undefined ? {} : { display_id: displayId }
}

export function display(shown: Shown, displayId?: string, metadata: JsonObject = {}): Say {
  return iopub("display_data", { data: mimes(shown), metadata, transient: transient(displayId) })
}

export function update(displayId: string, shown: Shown, metadata: JsonObject = {}): Say {
  return iopub("update_display_data", { data: mimes(shown), metadata, transient: transient(displayId) })
}

export function result(shown: Shown, metadata: JsonObject = {}): Say {
  return { say: "result", data: mimes(shown), metadata }
}

export function clear(wait = false): Say {
  return iopub("clear_output", { wait })
}

/** Raises: an error output and an error reply; what stands behind it in the answer is not said. */
export function error(ename: string, evalue = "", traceback: readonly string[] = [`${ename}: ${evalue}`]): Say {
  return { say: "raises", error: { ename, evalue, traceback }, output: true, reply: true }
}

/** An error output under a reply that is fine, as some magics and handlers do; the answer goes on. */
export function errorOutput(ename: string, evalue = "", traceback: readonly string[] = [`${ename}: ${evalue}`]): Say {
  return { say: "raises", error: { ename, evalue, traceback }, output: true, reply: false }
}

/** An error reply without any output. */
export function errorReply(ename: string, evalue = "", traceback: readonly string[] = []): Say {
  return { say: "raises", error: { ename, evalue, traceback }, output: false, reply: true }
}

export function commOpen(commId: string, target: string, data: JsonObject = {}, more: SayMore = {}): Say {
  return iopub("comm_open", { comm_id: commId, target_name: target, data }, more)
}

export function commMsg(commId: string, data: JsonObject, more: SayMore = {}): Say {
  return iopub("comm_msg", { comm_id: commId, data }, more)
}

export function commClose(commId: string, data: JsonObject = {}): Say {
  return iopub("comm_close", { comm_id: commId, data })
}

/** Asks for a line and goes on with `then`; where stdin was not allowed, raises StdinNotImplementedError as ipykernel does. */
export function asks(prompt: string, then: (answer: string) => readonly Say[] = () => [], password = false): Say {
  return { say: "asks", prompt, password, then }
}

/** Takes that many ticks before going on. */
export function waits(ticks: number): Say {
  return { say: "waits", ticks }
}

/** Says nothing more until interrupted: then a KeyboardInterrupt is raised, or `onInterrupt` is said and the cell ends well, or nothing at all happens. */
export function hangs(onInterrupt: readonly Say[] | "ignored" = [error("KeyboardInterrupt")]): Say {
  return { say: "hangs", onInterrupt }
}

export function setNextInput(text: string, replace = false): Say {
  return { say: "payload", payload: { source: "set_next_input", text, replace } }
}

/** `exit()` in IPython: the cell ends well, its reply carries the payload, and the process leaves with code 0 soon after. */
export function askExit(): readonly Say[] {
  return [{ say: "payload", payload: { source: "ask_exit", keepkernel: false } }, later([dies({ code: 0, signal: null })], 3)]
}

/** What the reply to a request other than execute carries. */
export function replies(content: JsonObject): Say {
  return { say: "replies", content }
}

/** Said that many ticks from now with this request's id, whatever runs by then: output of a thread, after idle. */
export function later(says: readonly Say[], ticks = 4): Say {
  return { say: "later", ticks, says }
}

/** Said as output of the last execute of `code`, while this one runs. */
export function asOutputOf(code: string, ...says: readonly Say[]): Say {
  return { say: "as", code, says }
}

/** This request's `status: idle` leaves before its reply; the other way round without it. */
export function idleFirst(): Say {
  return { say: "idle first" }
}

/** The process ends here: no reply, no idle, then the event. By default by SIGKILL. */
export function dies(exit: Partial<Exit> = {}): Say {
  return { say: "dies", exit: { code: null, signal: "SIGKILL", outOfMemory: false, stderrTail: "", ...exit } }
}

/** The kernel restarts by its own doing: state lost, requests under way never answered. */
export function restartsItself(): Say {
  return { say: "restarts itself" }
}
