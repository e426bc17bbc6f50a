import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { isFault } from "#base/fault.ts"
import { type JsonObject, NumberLexeme, StringSpan } from "#base/json.ts"
import {
  askExit,
  asks,
  asOutputOf,
  clear,
  commMsg,
  commOpen,
  dies,
  display,
  error,
  errorOutput,
  errorReply,
  hangs,
  idleFirst,
  later,
  raw,
  replies,
  restartsItself,
  result,
  type Script,
  type ScriptedKernels,
  type ScriptedOptions,
  scriptedKernels,
  setNextInput,
  stderr,
  stdout,
  update,
  waits,
} from "#kernel/adapters/scripted.ts"
import type { Kernel, KernelEvent, Message } from "#kernel/ports.ts"

type Scene = { readonly kernels: ScriptedKernels; readonly kernel: Kernel; readonly events: KernelEvent[] }

async function scene(script: Script, options?: ScriptedOptions): Promise<Scene> {
  const kernels = scriptedKernels(script, options)
  const kernel = await kernels.start("script")
  const events: KernelEvent[] = []
  kernel.listen((event) => events.push(event))
  return { kernels, kernel, events }
}

/** Runs the cells one after the other, all sent at once, and gives all that was heard. */
async function heard(script: Script, cells: readonly string[], options?: ScriptedOptions): Promise<Scene> {
  const made = await scene(script, options)
  for (const code of cells) made.kernel.execute({ code })
  await made.kernels.settle()
  return made
}

/** Events as short words: the number of the request, the type, what matters in it. */
function words(events: readonly KernelEvent[]): string[] {
  return events.map((event) => (event.type === "said" ? word(event.message) : event.type))
}

function word(message: Message): string {
  const { content } = message
  const what =
    content["execution_state"] ?? content["text"] ?? content["ename"] ?? content["status"] ?? content["prompt"] ?? content["execution_count"] ?? ""
  return `${message.parentId.split("_")[1] ?? "-"} ${message.header.msg_type.replace("execute_", "")} ${String(what)}`.trim()
}

function contents(events: readonly KernelEvent[], type: string): JsonObject[] {
  return events.flatMap((event) => (event.type === "said" && event.message.header.msg_type === type ? [event.message.content] : []))
}

function messages(events: readonly KernelEvent[]): Message[] {
  return events.flatMap((event) => (event.type === "said" ? [event.message] : []))
}

describe("one request", () => {
  test("is answered busy, input, outputs, reply, idle, all with its id", async () => {
    const { events } = await heard({ a: [stdout("hi"), stderr("oh"), result("1")] }, ["a"])
    expect(words(events)).toEqual(["1 status busy", "1 input 1", "1 stream hi", "1 stream oh", "1 result 1", "1 reply ok", "1 status idle"])
    expect(contents(events, "stream").map((content) => content["name"])).toEqual(["stdout", "stderr"])
    expect(contents(events, "execute_result")).toEqual([{ data: { "text/plain": "1" }, metadata: {}, execution_count: 1 }])
  })

  test("that raises ends there with an error output and an error reply", async () => {
    const { events } = await heard({ bad: [error("ValueError", "no"), stdout("never")] }, ["bad"])
    expect(words(events)).toEqual(["1 status busy", "1 input 1", "1 error ValueError", "1 reply ValueError", "1 status idle"])
    expect(contents(events, "execute_reply")[0]).toMatchObject({ status: "error", ename: "ValueError", evalue: "no", traceback: ["ValueError: no"] })
  })

  test("may show an error and end well, or fail without showing any", async () => {
    const { events } = await heard({ a: [errorOutput("E"), stdout("on")], b: errorReply("F") }, ["a", "b"])
    expect(words(events)).toEqual([
      ...["1 status busy", "1 input 1", "1 error E", "1 stream on", "1 reply ok", "1 status idle"],
      ...["2 status busy", "2 input 2", "2 reply F", "2 status idle"],
    ])
  })

  test("says displays, updates, clears, comms with buffers and anything raw", async () => {
    const buffers = [new Uint8Array([1, 2, 3])]
    const { events } = await heard(
      {
        a: [
          display({ "text/html": "<b>" }, "d1"),
          update("d1", "new"),
          clear(true),
          commOpen("c", "jupyter.widget", { state: { value: 1 } }, { buffers }),
          commMsg("c", { method: "update" }),
          raw("iopub", "strange", { x: 1 }, { parentId: "" }),
        ],
      },
      ["a"],
    )
    expect(contents(events, "display_data")).toEqual([{ data: { "text/html": "<b>" }, metadata: {}, transient: { display_id: "d1" } }])
    expect(contents(events, "update_display_data")[0]).toMatchObject({ data: { "text/plain": "new" }, transient: { display_id: "d1" } })
    expect(contents(events, "clear_output")).toEqual([{ wait: true }])
    expect(messages(events).find((message) => message.header.msg_type === "comm_open")?.buffers).toEqual(buffers)
    expect(messages(events).find((message) => message.header.msg_type === "strange")?.parentId).toBe("")
  })

  test("may have its idle before its reply, and payloads in it", async () => {
    const { events } = await heard({ a: [idleFirst(), setNextInput("b = 2")] }, ["a"])
    expect(words(events).slice(-2)).toEqual(["1 status idle", "1 reply ok"])
    expect(contents(events, "execute_reply")[0]?.["payload"]).toEqual([{ source: "set_next_input", text: "b = 2", replace: false }])
  })

  test("that is silent shows no input and counts nothing", async () => {
    const { kernels, kernel, events } = await scene({})
    kernel.execute({ code: "a", silent: true })
    kernel.execute({ code: "b" })
    await kernels.settle()
    expect(words(events)).toEqual(["1 status busy", "1 reply ok", "1 status idle", "2 status busy", "2 input 1", "2 reply ok", "2 status idle"])
  })

  test("of another type gets the reply that the script gives", async () => {
    const { kernels, kernel, events } = await scene({}, { answers: { complete_request: replies({ matches: ["abs"] }) } })
    kernel.send("shell", "complete_request", { code: "a", cursor_pos: 1 })
    kernel.send("shell", "comm_msg", { comm_id: "c", data: {} })
    kernel.send("control", "kernel_info_request", {})
    await kernels.settle()
    expect(contents(events, "complete_reply")[0]).toMatchObject({ status: "ok", matches: ["abs"] })
    expect(contents(events, "kernel_info_reply")[0]).toMatchObject({ status: "ok", implementation: "scripted" })
    expect([...kernels.whats("hears")].sort()).toEqual(["comm_msg", "complete_request", "kernel_info_request"])
  })
})

describe("several requests", () => {
  test("queue up and run in order, counts rising", async () => {
    const { kernels, events } = await heard({}, ["a", "b", "c"])
    expect(kernels.whats("executes")).toEqual(["a", "b", "c"])
    expect(contents(events, "execute_input").map((content) => content["execution_count"])).toEqual([1, 2, 3])
  })

  test("queued behind one that raises are aborted, later ones are not", async () => {
    const { kernels, kernel, events } = await heard({ bad: error("E") }, ["bad", "b", "c"])
    kernel.execute({ code: "d" })
    await kernels.settle()
    expect(kernels.story()).toBe("1 started script\n1 executes bad\n1 aborts b\n1 aborts c\n1 executes d")
    expect(words(events).filter((each) => each.startsWith("2"))).toEqual(["2 status busy", "2 reply aborted", "2 status idle"])
  })

  test("run on behind one that may raise, or on a kernel that does not abort", async () => {
    const { kernels, kernel } = await scene({ bad: error("E") })
    kernel.execute({ code: "bad", stopOnError: false })
    kernel.execute({ code: "b" })
    await kernels.settle()
    expect(kernels.whats("executes")).toEqual(["bad", "b"])
    expect((await heard({ bad: error("E") }, ["bad", "b"], { aborts: false })).kernels.whats("executes")).toEqual(["bad", "b"])
  })

  test("may depend on each other: what did not succeed takes all behind it along", async () => {
    const { kernels, kernel } = await scene({ bad: error("E") }, { features: ["conditional execute"] })
    const bad = kernel.execute({ code: "bad" })
    const next = kernel.execute({ code: "b", after: bad })
    kernel.execute({ code: "c", after: next })
    kernel.execute({ code: "d", after: "never sent" })
    await kernels.settle()
    const allowed = kernel.execute({ code: "bad", stopOnError: false })
    kernel.execute({ code: "e", after: allowed })
    await kernels.settle()
    expect(kernels.whats("executes")).toEqual(["bad", "bad", "e"])
    expect(kernels.whats("skips")).toEqual(["b", "c", "d"])
  })

  test("can not depend on each other where the kernel does not know how", async () => {
    const { kernel } = await scene({})
    expect(() => kernel.execute({ code: "a", after: "any" })).toThrow(/conditional execute/)
  })

  test("in another subshell run beside the main one", async () => {
    const { kernels, kernel } = await scene({ slow: hangs() }, { features: ["kernel subshells"] })
    kernel.execute({ code: "slow" })
    kernel.execute({ code: "a", subshellId: "s1" })
    await kernels.settle()
    expect([...kernels.whats("executes")].sort()).toEqual(["a", "slow"])
  })
})

describe("what comes out of turn", () => {
  test("late output carries the id of the request that caused it", async () => {
    const { events } = await heard({ a: later([stdout("late")], 6), b: [waits(20)] }, ["a", "b"])
    const all = words(events)
    expect(all).toContain("1 stream late")
    expect(all.indexOf("1 stream late")).toBeGreaterThan(all.indexOf("2 status busy"))
    expect(all.indexOf("1 stream late")).toBeLessThan(all.indexOf("2 status idle"))
  })

  test("late output comes although nothing runs any more", async () => {
    expect(words((await heard({ a: later([stdout("late"), errorOutput("Late")], 50) }, ["a"])).events).slice(-2)).toEqual([
      "1 stream late",
      "1 error Late",
    ])
  })

  test("one cell may speak as another", async () => {
    expect(words((await heard({ b: asOutputOf("a", stdout("for a")) }, ["a", "b"])).events)).toContain("1 stream for a")
  })
})

describe("questions", () => {
  test("are answered through stdin", async () => {
    const { kernels, kernel, events } = await scene({ ask: asks("name? ", (name) => [stdout(`hello ${name}`)]) })
    kernel.execute({ code: "ask", allowStdin: true })
    await kernels.settle()
    expect(words(events).at(-1)).toBe("1 input_request name?")
    kernel.send("stdin", "input_reply", { value: "Ada" })
    await kernels.settle()
    expect(words(events).slice(-3)).toEqual(["1 stream hello Ada", "1 reply ok", "1 status idle"])
  })

  test("raise where nobody may be asked", async () => {
    expect(words((await heard({ ask: asks("name? ") }, ["ask"])).events)).toContain("1 reply StdinNotImplementedError")
  })
})

describe("interrupting", () => {
  test("ends what hangs with KeyboardInterrupt and aborts what is queued", async () => {
    const { kernels, kernel, events } = await heard({ loop: [stdout("on"), hangs(), stdout("never")] }, ["loop", "b"])
    expect(words(events).at(-1)).toBe("1 stream on")
    await kernel.interrupt()
    await kernels.settle()
    expect(words(events).slice(3, 6)).toEqual(["1 error KeyboardInterrupt", "1 reply KeyboardInterrupt", "1 status idle"])
    expect(kernels.story()).toBe("1 started script\n1 executes loop\n1 asked to interrupt\n1 interrupted loop\n1 aborts b")
  })

  test("may be handled by the cell, or not heard at all", async () => {
    const handled = await heard({ loop: hangs([stdout("tidied up")]) }, ["loop"])
    await handled.kernel.interrupt()
    await handled.kernels.settle()
    expect(words(handled.events).slice(-3)).toEqual(["1 stream tidied up", "1 reply ok", "1 status idle"])
    const deaf = await heard({ loop: hangs("ignored") }, ["loop"])
    await deaf.kernel.interrupt()
    await deaf.kernels.settle()
    expect(words(deaf.events).at(-1)).toBe("1 input 1")
  })

  test("an idle kernel does nothing", async () => {
    const { kernels, kernel } = await heard({}, ["a"])
    await kernel.interrupt()
    kernel.execute({ code: "b" })
    await kernels.settle()
    expect(kernels.whats("executes")).toEqual(["a", "b"])
    expect(kernels.whats("interrupted")).toEqual([])
  })
})

describe("ends and beginnings", () => {
  test("a kernel that dies says what it had said, then that it died, then nothing", async () => {
    const { kernels, kernel, events } = await heard({ oom: [stdout("big"), dies({ outOfMemory: true, stderrTail: "Killed" })] }, ["oom", "b"])
    kernel.execute({ code: "c" })
    await kernels.settle()
    expect(words(events)).toEqual(["1 status busy", "1 input 1", "1 stream big", "died"])
    expect(events.at(-1)).toEqual({ type: "died", exit: { code: null, signal: "SIGKILL", outOfMemory: true, stderrTail: "Killed" } })
  })

  test("exit() ends the cell well and the process soon after", async () => {
    const { kernels, kernel, events } = await scene({ "exit()": askExit() }, { features: ["conditional execute"] })
    const exit = kernel.execute({ code: "exit()" })
    kernel.execute({ code: "b", after: exit })
    await kernels.settle()
    expect(contents(events, "execute_reply")[0]).toMatchObject({ status: "ok", payload: [{ source: "ask_exit", keepkernel: false }] })
    expect(events.at(-1)).toMatchObject({ type: "died", exit: { code: 0, signal: null } })
    expect(kernels.whats("executes")).toEqual(["exit()"])
  })

  test("a kernel may be killed from outside", async () => {
    const { kernels, events } = await heard({ loop: hangs() }, ["loop"])
    kernels.kill(1, { signal: "SIGTERM" })
    await kernels.settle()
    expect(events.at(-1)).toMatchObject({ type: "died", exit: { signal: "SIGTERM" } })
  })

  test("restart forgets state, counts and what was queued", async () => {
    const script: Script = ({ code, memory }) => {
      if (code === "hang") return hangs()
      if (code !== "get") memory.set("x", code)
      return code === "get" ? result(String(memory.get("x"))) : []
    }
    const { kernels, kernel, events } = await heard(script, ["1", "get", "hang", "queued"])
    expect(contents(events, "execute_result")[0]?.["data"]).toEqual({ "text/plain": "1" })
    const session = messages(events)[0]?.header.session
    await kernel.restart()
    kernel.execute({ code: "get" })
    await kernels.settle()
    expect(contents(events, "execute_result")[1]).toMatchObject({ data: { "text/plain": "undefined" }, execution_count: 1 })
    expect(kernels.whats("executes")).not.toContain("queued")
    expect(messages(events).at(-1)?.header.session).not.toBe(session)
  })

  test("a kernel that restarts itself says so and answers nothing of before", async () => {
    const { events } = await heard({ crash: restartsItself() }, ["crash", "b"])
    expect(words(events)).toEqual(["1 status busy", "1 input 1", "restarted"])
  })

  test("a closed kernel says nothing more, and sending to it is a bug that shows", async () => {
    const { kernels, kernel, events } = await heard({ a: later([stdout("late")], 5) }, [])
    kernel.execute({ code: "a" })
    await kernel.close()
    await kernel.close()
    await kernels.settle()
    expect(events).toEqual([])
    expect(kernels.whats("closed")).toHaveLength(1)
    expect(() => kernel.execute({ code: "b" })).toThrow(/closed/)
  })

  test("a detached kernel runs on unheard and can be attached again, but not when it is gone", async () => {
    const { kernels, kernel, events } = await heard({ a: later([stdout("unheard")], 5), set: [] }, ["set"])
    kernel.execute({ code: "a" })
    const before = events.length
    const kept = await kernel.detach(60_000)
    await kernels.settle()
    expect(events).toHaveLength(before)
    const again = await kernels.attach(kept!)
    expect(again.started.from).toBe("attached")
    again.listen((event) => events.push(event))
    again.execute({ code: "b" })
    await kernels.settle()
    expect(words(events.slice(before))).toContain("1 input 3")
    await again.close()
    const failure = await kernels.attach(kept!).catch((thrown) => thrown)
    expect(isFault(failure) && failure.code).toBe("kernel_died")
  })

  test("what is said before anybody listens is kept", async () => {
    const kernels = scriptedKernels({})
    const kernel = await kernels.start("script")
    kernel.execute({ code: "a" })
    await kernels.settle()
    const events: KernelEvent[] = []
    kernel.listen((event) => events.push(event))
    await kernels.settle()
    expect(words(events)).toEqual(["1 status busy", "1 input 1", "1 reply ok", "1 status idle"])
  })

  test("there are the kernels that were asked for, and starting any other is a fault that names them", async () => {
    const kernels = scriptedKernels({}, { kernels: { python3: "python", ir: "R" } })
    expect((await kernels.list()).map((spec) => `${spec.name} ${spec.language}`)).toEqual(["python3 python", "ir R"])
    expect((await kernels.start("ir", { cwd: "/data" })).info.languageInfo["name"]).toBe("R")
    expect(kernels.transcript[0]).toMatchObject({ did: "started", what: "ir", launch: { cwd: "/data" } })
    await expect(kernels.start("julia")).rejects.toThrow(/"julia".*python3, ir/)
    await expect(scriptedKernels({}, { startFails: "no memory" }).start("script")).rejects.toThrow("no memory")
  })
})

describe("bytes", () => {
  test("frames hold header, parent, metadata and content as JSON", async () => {
    const { events } = await heard({ a: display({ "application/json": { n: new NumberLexeme("1.0") } }) }, ["a"])
    const shown = messages(events).find((message) => message.header.msg_type === "display_data")!
    const [header, parent, metadata, content] = shown.frames.map((frame) => new TextDecoder().decode(frame))
    expect(JSON.parse(header!)).toEqual(shown.header)
    expect(JSON.parse(parent!)).toMatchObject({ msg_id: shown.parentId, msg_type: "execute_request" })
    expect(metadata).toBe("{}")
    expect(content).toContain('{"n":1.0}')
  })

  test("long strings of large contents are places in the content frame, others are strings", async () => {
    const png = "A".repeat(2_000_000)
    const text = `é"\n`.repeat(400_000)
    const { events } = await heard({ a: display({ "image/png": png, "text/plain": text, "text/html": "short" }), b: stdout("x".repeat(100_000)) }, [
      "a",
      "b",
    ])
    const shown = messages(events).find((message) => message.header.msg_type === "display_data")!
    const data = shown.content["data"] as JsonObject
    const image = data["image/png"] as StringSpan
    const long = data["text/plain"] as StringSpan
    expect(image).toBeInstanceOf(StringSpan)
    expect([image.plain, long.plain]).toEqual([true, false])
    expect(spanText(shown, image)).toBe(png)
    expect(JSON.parse(`"${spanText(shown, long)}"`)).toBe(text)
    expect(data["text/html"]).toBe("short")
    expect(contents(events, "stream")[0]?.["text"]).toHaveLength(100_000)
  })

  function spanText(message: Message, span: StringSpan): string {
    return new TextDecoder().decode(message.frames[3].subarray(span.start, span.start + span.length))
  }
})

describe("time", () => {
  test("stands still in manual pace but for ticks", async () => {
    const { kernels, kernel, events } = await scene({ a: [stdout("hi")] }, { pace: "manual" })
    kernel.execute({ code: "a" })
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(events).toEqual([])
    let ticks = 0
    while (events.length < 3) expect(kernels.tick(++ticks && 1)).toBe(true)
    expect(words(events)).toEqual(["1 status busy", "1 input 1", "1 stream hi"])
    await kernels.settle()
    expect(kernels.tick()).toBe(false)
    expect(words(events).at(-1)).toBe("1 status idle")
  })

  test("passes for real only when asked", async () => {
    const since = performance.now()
    await heard({ a: waits(50_000) }, ["a"])
    const quick = performance.now() - since
    await heard({ a: waits(20) }, ["a"], { tickMs: 10 })
    expect(performance.now() - since - quick).toBeGreaterThan(150)
  })

  test("kernels side by side take turns", async () => {
    const kernels = scriptedKernels({ endless: [], "*": ({ code }) => [waits(5), stdout(code)] })
    const order: string[] = []
    for (const name of ["one", "two"]) {
      const kernel = await kernels.start("script")
      kernel.listen(
        (event) => event.type === "said" && event.message.header.msg_type === "stream" && order.push(String(event.message.content["text"])),
      )
      for (const part of ["a", "b"]) kernel.execute({ code: `${name} ${part}` })
    }
    await kernels.settle()
    expect([...order].sort()).toEqual(["one a", "one b", "two a", "two b"])
    expect(
      order
        .slice(0, 2)
        .map((each) => each.slice(0, 3))
        .sort(),
    ).toEqual(["one", "two"])
  })
})

describe("orders", () => {
  const script: Script = { out: [stdout("1"), stderr("2"), result("3")], bad: error("E"), late: later([stdout("late")], 3), slow: waits(3) }
  const cells = fc.array(fc.constantFrom("out", "bad", "late", "slow", "x"), { minLength: 1, maxLength: 6 })

  test("whatever the order, every request gets its reply and ends idle, and no channel swaps its own", async () => {
    await fc.assert(
      fc.asyncProperty(cells, fc.nat(), async (codes, seed) => {
        const { events } = await heard(script, codes, { seed })
        for (let request = 1; request <= codes.length; request++) {
          const own = words(events).filter((each) => each.startsWith(`${request} `) && !each.endsWith("late"))
          expect(own.filter((each) => each.includes("reply"))).toHaveLength(1)
          const iopub = own.filter((each) => !each.includes("reply"))
          expect([iopub[0], iopub.at(-1)]).toEqual([`${request} status busy`, `${request} status idle`])
        }
        expect(orderIsKept(events)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  test("the same seed plays the same order", async () => {
    await fc.assert(
      fc.asyncProperty(cells, fc.nat(), async (codes, seed) => {
        const [first, second] = [await heard(script, codes, { seed }), await heard(script, codes, { seed })]
        expect(words(second.events)).toEqual(words(first.events))
        expect(second.kernels.story()).toBe(first.kernels.story())
      }),
      { numRuns: 50 },
    )
  })

  test("seeds reach what a client must be ready for: reply first, idle first, a request that comes too late to be aborted", async () => {
    const seen = new Set<string>()
    for (let seed = 0; seed < 100; seed++) {
      const { kernels, events } = await heard(script, ["out", "bad", "x"], { seed })
      const all = words(events)
      seen.add(all.indexOf("1 reply ok") < all.indexOf("1 status idle") ? "reply first" : "idle first")
      seen.add(kernels.whats("executes").includes("x") ? "ran behind an error" : "aborted")
    }
    expect([...seen].sort()).toEqual(["aborted", "idle first", "ran behind an error", "reply first"])
  })

  test("with conditional execute nothing ever runs behind an error", async () => {
    for (let seed = 0; seed < 100; seed++) {
      const { kernels, kernel } = await scene(script, { seed, features: ["conditional execute"] })
      let after: string | undefined
      for (const code of ["out", "bad", "x", "out"]) after = kernel.execute(after === undefined ? { code } : { code, after })
      await kernels.settle()
      expect(kernels.whats("executes")).toEqual(["out", "bad"])
    }
  })

  function orderIsKept(events: readonly KernelEvent[]): boolean {
    const last = new Map<string, number>()
    return messages(events).every((message) => {
      const number = Number(message.header.msg_id.split("_")[1])
      const isNext = number > (last.get(message.channel) ?? 0)
      last.set(message.channel, number)
      return isNext
    })
  }
})
