/** The variables of a kernel, completions and inspections: what its replies mean in Stet's terms. */
import { isList, isObject, type Json, type JsonObject, own } from "#base/json.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import type { SessionDrive } from "#run/index.ts"
import { refuseSession, type SessionRefusal } from "#work/session-refusal.ts"
import type { Completion, Inspection, VariableDetail, Variables } from "#work/session-view.ts"

/** How a kernel is asked: the value of an expression (base64 of JSON), or what some code writes behind a mark. */
export type Exploring =
  | { readonly kind: "expression"; readonly expression: string }
  | { readonly kind: "written"; readonly code: string; readonly mark: string }
/** Without a name: all of them. */
export type Explorer = (name: string | undefined) => Exploring
/** By the language's name in lower case. */
export type Explorers = ReadonlyMap<string, Explorer>

type Asking = { readonly drive: SessionDrive; readonly language: string; readonly explorers: Explorers }
type Answer<Value> = Promise<Outcome<Value, SessionRefusal>>

const WITHIN_MS = 3_000
/** The first completion of a Python kernel reads half of its libraries. */
const COMPLETE_WITHIN_MS = 10_000

export async function variablesOf(asking: Asking): Answer<Variables> {
  const said = await explored(asking, undefined)
  return said.ok ? accepted(said.value as unknown as Variables) : said
}

export async function variableOf(asking: Asking, name: string): Answer<VariableDetail> {
  const said = await explored(asking, name)
  if (!said.ok) return said
  if (said.value === null) return refuseSession("no_such_variable", `There is no variable ${JSON.stringify(name.slice(0, 100))} any more.`)
  return accepted(said.value as unknown as VariableDetail)
}

async function explored({ drive, language, explorers }: Asking, name: string | undefined): Answer<Json> {
  const explorer = explorers.get(language.toLowerCase())
  if (!explorer) return refuseSession("not_supported", `Variables of ${language || "this kernel's language"} cannot be looked at here.`)
  const exploring = explorer(name)
  const content = exploring.kind === "expression" ? silently("", { answer: exploring.expression }) : silently(exploring.code, {})
  const reply = await drive.question({ type: "execute_request", content, withinMs: WITHIN_MS })
  if (!reply) return busy(drive)
  const json = exploring.kind === "expression" ? expressed(reply.content) : writtenBehind(reply.text, exploring.mark)
  if (json === undefined) return refuseSession("wrong_state", "The kernel could not say what its variables are.", "Run a cell and look again.")
  return accepted(json)
}

/** Not silent in the protocol's sense, for kernels that then say nothing at all; it leaves no trace all the same. */
function silently(code: string, expressions: JsonObject): JsonObject {
  return { code, silent: code === "", store_history: false, user_expressions: expressions, allow_stdin: false, stop_on_error: false }
}

function expressed(content: JsonObject): Json | undefined {
  const expressions = own(content, "user_expressions")
  const answer = isObject(expressions) ? own(expressions, "answer") : undefined
  const data = isObject(answer) ? own(answer, "data") : undefined
  const text = isObject(data) ? own(data, "text/plain") : undefined
  if (typeof text !== "string") return undefined
  return parsed(new TextDecoder().decode(Uint8Array.from(atob(text.replace(/^'|'$/g, "")), (sign) => sign.charCodeAt(0))))
}

function writtenBehind(text: string, mark: string): Json | undefined {
  const at = text.lastIndexOf(mark)
  return at < 0 ? undefined : parsed(text.slice(at + mark.length))
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

export type Query = {
  readonly type: "complete_request" | "inspect_request" | "is_complete_request" | "history_request" | "kernel_info_request"
  readonly content: JsonObject
}

/** What a Jupyter client asks beside executions, and the content of the kernel's reply as it is. */
export async function queried(drive: SessionDrive, { type, content }: Query): Answer<JsonObject> {
  const reply = await drive.question({ type, content, withinMs: COMPLETE_WITHIN_MS })
  return reply ? accepted(reply.content) : busy(drive)
}

function busy(drive: SessionDrive): { readonly ok: false; readonly refusal: SessionRefusal } {
  const { status } = drive.session
  if (status === "dead") return refuseSession("session_dead", "The kernel has died.", "Start it again.")
  if (status === "busy" && !drive.canBranch())
    return refuseSession("kernel_busy", "The kernel is busy with a cell, and this one answers nothing meanwhile.", "Wait until the cell is over.")
  return refuseSession("kernel_busy", "The kernel did not answer in time.", "Try again in a moment.")
}

export type Place = { readonly code: string; readonly cursor: number }

/** The protocol counts code points, JavaScript code units. */
function toPoints(code: string, units: number): number {
  return [...code.slice(0, units)].length
}

function toUnits(code: string, points: number): number {
  let units = 0
  let left = points
  for (const sign of code) {
    if (left-- <= 0) break
    units += sign.length
  }
  return units
}

export async function completionsAt(drive: SessionDrive, { code, cursor }: Place): Answer<Completion> {
  const content = { code, cursor_pos: toPoints(code, cursor) }
  const reply = await drive.question({ type: "complete_request", content, withinMs: COMPLETE_WITHIN_MS })
  if (!reply) return busy(drive)
  return accepted(completionIn(reply.content, code))
}

function completionIn(content: JsonObject, code: string): Completion {
  const number = (key: string) => (typeof content[key] === "number" ? content[key] : 0)
  const matches = isList(content["matches"]) ? content["matches"].filter((match) => typeof match === "string") : []
  const metadata = own(content, "metadata")
  const typed = isObject(metadata) ? own(metadata, "_jupyter_types_experimental") : undefined
  const types = new Map(isList(typed) ? typed.filter(isObject).map((one) => [String(one["text"]), String(one["type"] ?? "")]) : [])
  return {
    matches: matches.map((text) => ({ text, type: types.get(text) ?? "" })),
    start: toUnits(code, number("cursor_start")),
    end: toUnits(code, number("cursor_end")),
  }
}

export async function inspectionAt(drive: SessionDrive, { code, cursor, detail }: Place & { readonly detail: number }): Answer<Inspection> {
  const content = { code, cursor_pos: toPoints(code, cursor), detail_level: detail }
  const reply = await drive.question({ type: "inspect_request", content, withinMs: COMPLETE_WITHIN_MS })
  if (!reply) return busy(drive)
  const data = own(reply.content, "data")
  const texts = isObject(data) ? Object.entries(data).filter(([, value]) => typeof value === "string") : []
  return accepted({ found: reply.content["found"] === true, data: Object.fromEntries(texts) as Inspection["data"] })
}
