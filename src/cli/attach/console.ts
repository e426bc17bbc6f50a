/**
 * A live session as any Jupyter console finds it: what a client asks becomes what is asked over the notebook's socket, and what is told
 * there becomes the messages that a kernel would have sent. One client sees what it caused; the notebook's page sees its own.
 */
import type { ExecutionView, LiveOutput, OutputChange } from "#api/live.ts"
import type { Json, JsonObject } from "#base/json.ts"
import type { Line, Told } from "#cli/attach/line.ts"
import type { ClientAsked, ServedKernel } from "#kernel/index.ts"

type Under = { readonly asked: ClientAsked; readonly outputs: LiveOutput[]; count: number; error: JsonObject | undefined; asksFor: string }

const QUERIES = new Set(["complete_request", "inspect_request", "is_complete_request", "history_request", "kernel_info_request"] as const)
type Query = typeof QUERIES extends Set<infer One> ? One : never

export class Console {
  readonly #line: Line
  readonly #served: () => ServedKernel
  readonly #under = new Map<string, Under>()
  /** What was told of executions before it was answered which they are. */
  readonly #early = new Map<string, Told[]>()
  #info: JsonObject | undefined

  constructor(line: Line, served: () => ServedKernel) {
    this.#line = line
    this.#served = served
  }

  async hear(asked: ClientAsked): Promise<void> {
    if (asked.channel === "stdin") return this.#answered(asked)
    this.#status(asked, "busy")
    if (asked.type === "execute_request") return this.#execute(asked)
    await this.#other(asked)
    this.#status(asked, "idle")
  }

  told(told: Told): void {
    if (told.tell !== "execution" && told.tell !== "outputs") return
    const id = told.tell === "execution" ? told.execution.id : told.execution
    const under = this.#under.get(id)
    if (under) return this.#tell(under, told)
    if (this.#early.size > 0 || this.#waits > 0) this.#early.set(id, [...(this.#early.get(id) ?? []), told])
  }

  #waits = 0

  async #execute(asked: ClientAsked): Promise<void> {
    const code = typeof asked.content["code"] === "string" ? asked.content["code"] : ""
    this.#served().publish(asked, "execute_input", { code, execution_count: 0 })
    this.#waits++
    const answer = await this.#line.ask({ do: "execute", code })
    this.#waits--
    if (!answer.ok) {
      const error = { ename: "StetRefused", evalue: answer.message, traceback: [`${answer.message} ${answer.remedy}`.trim()] }
      this.#served().publish(asked, "error", error)
      return this.#end(asked, { status: "error", execution_count: 0, ...error })
    }
    const under: Under = { asked, outputs: [], count: 0, error: undefined, asksFor: "" }
    this.#under.set(answer.value.id, under)
    for (const told of this.#early.get(answer.value.id) ?? []) this.#tell(under, told)
    if (this.#waits === 0) this.#early.clear()
  }

  async #other(asked: ClientAsked): Promise<void> {
    const { type, content } = asked
    const reply = (value: JsonObject) => this.#served().reply(asked, type.replace(/_request$/u, "_reply"), value)
    if (type === "interrupt_request") {
      await this.#line.ask({ do: "interrupt" })
      return reply({ status: "ok" })
    }
    if (type === "shutdown_request") {
      const isRestart = content["restart"] === true
      await this.#line.ask({ do: isRestart ? "restart" : "stop" })
      return reply({ status: "ok", restart: isRestart })
    }
    if (type === "comm_info_request") return reply({ status: "ok", comms: {} })
    if (!QUERIES.has(type as Query)) return
    if (type === "kernel_info_request" && this.#info) return reply(this.#info)
    const answer = await this.#line.ask({ do: "query", type: type as Query, content: content as Record<string, unknown> })
    if (answer.ok && type === "kernel_info_request") this.#info = answer.value as JsonObject
    reply(answer.ok ? (answer.value as JsonObject) : { status: "error", ename: "StetRefused", evalue: answer.message, traceback: [] })
  }

  /** A line of text that the cell which runs has asked for. */
  async #answered({ type, content }: ClientAsked): Promise<void> {
    const open = [...this.#under].find(([, { asksFor }]) => asksFor !== "")
    if (type !== "input_reply" || !open) return
    open[1].asksFor = ""
    await this.#line.ask({ do: "input", execution: open[0], value: typeof content["value"] === "string" ? content["value"] : "" })
  }

  #tell(under: Under, told: Told): void {
    if (told.tell === "outputs") for (const change of told.changes) this.#show(under, change)
    if (told.tell === "execution") this.#moved(under, told.execution)
  }

  #moved(under: Under, { id, state, input, executionCount, explanation }: ExecutionView): void {
    if (executionCount !== null) under.count = executionCount
    if (input && under.asksFor === "") {
      under.asksFor = id
      this.#served().reply(under.asked, "input_request", { prompt: input.prompt, password: input.password }, "stdin")
    }
    if (state === "queued" || state === "running") return
    this.#under.delete(id)
    if (state === "succeeded") return this.#end(under.asked, { status: "ok", execution_count: under.count, user_expressions: {}, payload: [] })
    const error = under.error ?? { ename: state === "cancelled" ? "KeyboardInterrupt" : "StetEnded", evalue: explanation, traceback: [explanation] }
    if (!under.error) this.#served().publish(under.asked, "error", error)
    this.#end(under.asked, { status: "error", execution_count: under.count, ...error })
  }

  #show(under: Under, change: OutputChange): void {
    const say = (type: string, content: JsonObject) => this.#served().publish(under.asked, type, content)
    if (change.op === "clear") {
      under.outputs.splice(0)
      return say("clear_output", { wait: false })
    }
    if (change.op === "text") {
      const stream = under.outputs[change.index]
      if (stream) under.outputs[change.index] = { ...stream, text: `${textOf(stream)}${change.text}` }
      return say("stream", { name: nameOf(stream), text: change.text })
    }
    const before = change.op === "set" ? under.outputs[change.index] : undefined
    if (change.op === "set") under.outputs[change.index] = change.output
    else under.outputs.push(change.output)
    const { output_type: type, ...content } = change.output
    if (type === "error") under.error = content as JsonObject
    if (type === "stream") return say("stream", { name: nameOf(change.output), text: grown(before, change.output) })
    say(type, content as JsonObject)
  }

  #end(asked: ClientAsked, content: JsonObject): void {
    this.#served().reply(asked, "execute_reply", content)
    this.#status(asked, "idle")
  }

  #status(asked: ClientAsked, state: string): void {
    this.#served().publish(asked, "status", { execution_state: state })
  }
}

function textOf(output: LiveOutput | undefined): string {
  return String(output?.["text"] ?? "")
}

function nameOf(output: LiveOutput | undefined): Json {
  return output?.["name"] === "stderr" ? "stderr" : "stdout"
}

/** What is new of a stream; one that was redrawn is drawn again from the beginning of its line. */
function grown(before: LiveOutput | undefined, now: LiveOutput): string {
  const [was, text] = [textOf(before), textOf(now)]
  return text.startsWith(was) ? text.slice(was.length) : `\r${text.slice(text.lastIndexOf("\n") + 1)}`
}
