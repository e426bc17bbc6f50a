/** What a test writes down: which code is answered with which words, and what kind of kernel answers. */
import type { JsonObject } from "#base/json.ts"
import type { Request } from "#kernel/adapters/scripted/process.ts"
import { replies, type Say } from "#kernel/adapters/scripted/say.ts"
import type { KernelFeature, KernelInfo, KernelSpec } from "#kernel/ports.ts"

/** One word, several, or words made from what was heard. */
export type Answer = Say | readonly Say[] | ((heard: Heard) => Say | readonly Say[])

export type Heard = {
  readonly code: string
  readonly content: JsonObject
  readonly buffers: readonly Uint8Array[]
  readonly msgId: string
  /** What the script keeps between cells; a restart empties it. */
  readonly memory: Map<string, unknown>
}

/**
 * Code → answer: a table by the exact source ("*" for any other), or one function for all. Code that the table does not
 * hold says nothing and ends well.
 */
export type Script = { readonly [code: string]: Answer } | ((heard: Heard) => Say | readonly Say[])

export type ScriptedOptions = {
  /** Kernel name → language; default { script: "script" }. */
  readonly kernels?: { readonly [name: string]: string }
  readonly languageInfo?: JsonObject
  readonly features?: readonly KernelFeature[]
  /** false: a kernel that runs what is queued behind an error. Default true. */
  readonly aborts?: boolean
  /** Plays one of the orders that separate sockets allow; the same number plays the same one. Default: the natural order. */
  readonly seed?: number
  /** "manual": nothing moves but by `tick`. Default "auto": a unit of work per turn of the event loop. */
  readonly pace?: "auto" | "manual"
  /** Real milliseconds that a tick takes while nothing happens but a cell that `waits`; default 0. */
  readonly tickMs?: number
  /** Answers to messages other than execute_request, by type. Their `replies` word becomes the reply. */
  readonly answers?: { readonly [type: string]: Answer }
  /** Makes every `start` a Fault kernel_start_failed with this message. */
  readonly startFails?: string
  /** Makes every `restart` a Fault kernel_start_failed with this message. */
  readonly restartFails?: string
}

export function answerTo(
  request: Request,
  memory: Map<string, unknown>,
  { script, options }: { script: Script; options: ScriptedOptions },
): readonly Say[] {
  const { msg_type: type, msg_id: msgId } = request.header
  const code = String(request.content["code"] ?? "")
  const answer = type === "execute_request" ? answerToCode(script, code) : (options.answers?.[type] ?? usualAnswer(type, options))
  const words = typeof answer === "function" ? answer({ code, content: request.content, buffers: request.buffers, msgId, memory }) : answer
  return "say" in words ? [words] : words
}

function answerToCode(script: Script, code: string): Answer {
  if (typeof script === "function") return script
  return Object.hasOwn(script, code) ? script[code]! : (script["*"] ?? [])
}

function usualAnswer(type: string, options: ScriptedOptions): Answer {
  switch (type) {
    case "kernel_info_request":
      return replies(infoReply(options, "script"))
    case "comm_info_request":
      return replies({ comms: {} })
    case "complete_request":
      return replies({ matches: [], cursor_start: 0, cursor_end: 0, metadata: {} })
    case "is_complete_request":
      return replies({ status: "complete" })
    default:
      return []
  }
}

function languageInfo(options: ScriptedOptions, name: string): JsonObject {
  const language = kernelsOf(options)[name] ?? name
  return options.languageInfo ?? { name: language, version: "1", mimetype: "text/plain", file_extension: ".txt" }
}

function infoReply(options: ScriptedOptions, name: string): JsonObject {
  return {
    protocol_version: "5.4",
    implementation: "scripted",
    implementation_version: "1",
    language_info: languageInfo(options, name),
    banner: "Scripted kernel",
  }
}

export function infoOf(options: ScriptedOptions, name: string): KernelInfo {
  return {
    protocol: "5.4",
    implementation: "scripted",
    languageInfo: languageInfo(options, name),
    banner: "Scripted kernel",
    features: new Set(options.features),
  }
}

function kernelsOf(options: ScriptedOptions): { readonly [name: string]: string } {
  return options.kernels ?? { script: "script" }
}

export function specsOf(options: ScriptedOptions): readonly KernelSpec[] {
  return Object.entries(kernelsOf(options)).map(([name, language]) => ({
    name,
    displayName: `Scripted ${name}`,
    language,
    argv: [],
    env: {},
    interruptMode: "message",
    metadata: {},
    resourceDir: "",
  }))
}
