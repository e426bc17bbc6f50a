/** The contract of the Kernel and Kernels ports: one suite, run against every adapter and every kernel alike. */
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { isAlive } from "#base/adapters/process.ts"
import { type JsonObject, StringSpan } from "#base/json.ts"
import type { Manners } from "#kernel/contract/manners.ts"
import { family, type Talk, talkTo, textOf } from "#kernel/contract/talk/testing.ts"
import type { Kernel, Kernels } from "#kernel/ports.ts"

/** What the suite is run on: made anew for it, and closed by it. */
export type Subject = {
  readonly kernels: Kernels
  readonly kernelName: string
  /** True when nothing is left of that kernel; default: none of its processes on this machine. */
  readonly isGone?: (kernel: Kernel, processes: readonly number[]) => Promise<boolean>
}

export function kernelContract(name: string, make: () => Promise<Subject>, manners: Manners): void {
  describe(`contract of ${name}`, { timeout: 60_000 }, () => {
    const { code } = manners
    let subject: Subject
    let shared: Talk
    const open: Kernel[] = []

    async function begin(): Promise<Talk> {
      const kernel = await subject.kernels.start(subject.kernelName, { historyOff: true })
      open.push(kernel)
      return talkTo(kernel, manners.trailsMs)
    }

    beforeAll(async () => {
      subject = await make()
      const kernel = await subject.kernels.start(subject.kernelName)
      shared = talkTo(kernel, manners.trailsMs)
    }, 120_000)
    afterEach(async () => {
      await Promise.all(open.splice(0).map((kernel) => kernel.close({ graceMs: 500 })))
    })
    afterAll(async () => {
      await shared?.kernel.close()
      await subject?.kernels.close()
    }, 60_000)

    describe("a kernel that started", () => {
      test("is in the list, and one that is not there is a fault that names those that are", async () => {
        expect((await subject.kernels.list()).map((spec) => spec.name)).toContain(subject.kernelName)
        const refusal = await subject.kernels.start("no-such-kernel").catch((thrown: unknown) => thrown)
        expect(refusal).toMatchObject({ name: "Fault", code: "no_such_kernel", message: expect.stringContaining(subject.kernelName) })
      })

      test("tells protocol, implementation and language", () => {
        const { info, started } = shared.kernel
        expect(info.protocol).toMatch(/^5\.\d+/)
        expect(info.implementation).not.toBe("")
        expect(info.languageInfo).toMatchObject({
          name: manners.language,
          mimetype: expect.any(String),
          file_extension: expect.stringMatching(/^\./),
        })
        expect(info.features.has("conditional execute")).toBe(manners.conditional)
        expect(started.tookMs).toBeGreaterThanOrEqual(0)
      })

      test("loses nothing of what its first cell says", async () => {
        for (let start = 0; start < 3; start++) {
          const talk = await begin()
          const told = await talk.run(code.stdout)
          expect(told.types).toEqual(expect.arrayContaining(["status", "execute_input", "stream", "execute_reply"]))
          expect(told.text()).toBe("hello\n")
          await talk.kernel.close({ graceMs: 500 })
        }
      })
    })

    describe("a cell", () => {
      test("is told busy, input, outputs, idle and reply, all with its id", async () => {
        const told = await shared.run(code.stdout)
        const iopub = shared.messages(told.id).filter((message) => message.channel === "iopub")
        const heard = iopub.map((message) => message.content["execution_state"] ?? message.header.msg_type)
        const expected = ["busy", "execute_input", "stream", "idle"]
        // Where output trails, idle may be heard before it.
        expect(manners.trailsMs > 0 ? heard.slice().sort() : heard).toEqual(manners.trailsMs > 0 ? expected.sort() : expected)
        expect(told.contents("execute_input")[0]).toMatchObject({ code: code.stdout, execution_count: told.reply["execution_count"] })
        expect(told.reply["status"]).toBe("ok")
        expect(shared.messages(told.id, "execute_reply").map((message) => message.channel)).toEqual(["shell"])
      })

      test("writes to stdout and stderr", async () => {
        expect((await shared.run(code.stdout)).text("stdout")).toBe("hello\n")
        expect((await shared.run(code.stderr)).text(manners.stderr)).toContain("oh")
      })

      test("has a value", async () => {
        const told = await shared.run(code.result)
        const values = [...told.contents("execute_result"), ...told.contents("display_data")]
        const type = manners.results
        expect(told.types.filter((each) => each === "execute_result" || each === "display_data")).toEqual(type === "not at all" ? [] : [type])
        if (type !== "not at all") expect(dataOf(values[0])["text/plain"]).toMatch(/42/)
        if (type === "execute_result") expect(values[0]?.["execution_count"]).toBe(told.reply["execution_count"])
      })

      test("counts up", async () => {
        const counts = []
        for (let i = 0; i < 3; i++) counts.push(Number((await shared.run(code.remember)).reply["execution_count"]))
        expect([counts[1]! - counts[0]!, counts[2]! - counts[1]!]).toEqual([1, 1])
      })

      test("remembers what earlier ones did", async () => {
        await shared.run(code.remember)
        expect((await shared.run(code.recall)).text()).toContain("[7]")
      })

      test("that raises is an error output and an error reply, alike", async () => {
        const told = await shared.run(code.raise)
        expect(told.reply).toMatchObject({
          status: "error",
          ename: expect.any(String),
          evalue: expect.stringMatching(/nope|3/),
          traceback: expect.any(Array),
        })
        expect(told.contents("error")).toHaveLength(1)
        const { ename, evalue } = told.contents("error")[0]!
        expect({ ename, evalue }).toEqual({ ename: told.reply["ename"], evalue: told.reply["evalue"] })
      })

      test("brings any Unicode there and back", async () => {
        // Without U+2028: IPython warns of it and bash_kernel takes it for the end of a line.
        const text = "é ☃ 😍 ﷽ 中文 \u200d e\u0301 \ud7ff\ue000\u{10fffd}"
        expect((await shared.run(code.print(text))).text().trimEnd()).toBe(text)
      })

      test("brings a million characters whole", async () => {
        const text = (await shared.run(code.million)).text().replaceAll("\n", "")
        expect(text.length).toBe(1_000_000)
        expect(/^x+$/.test(text)).toBe(true)
      })

      test("comes with its bytes: header, parent, metadata and content as JSON", async () => {
        const told = await shared.run(code.stdout)
        for (const message of shared.messages(told.id)) {
          const [header, parent, , content] = message.frames.map((frame) => JSON.parse(new TextDecoder().decode(frame)))
          expect(header.msg_id).toBe(message.header.msg_id)
          expect(parent.msg_id).toBe(told.id)
          expect(content).toEqual(JSON.parse(JSON.stringify(message.content)))
        }
      })

      test.skipIf(!code.display)("displays", async () => {
        const told = await shared.run(code.display!)
        expect(told.types).toContain("display_data")
        expect(JSON.stringify(dataOf(told.contents("display_data")[0])["text/html"])).toContain("<b>x</b>")
      })

      test.skipIf(!code.displayLarge)("leaves what is very large as bytes in the content frame", async () => {
        const told = await shared.run(code.displayLarge!)
        const message = shared.messages(told.id, "display_data")[0]!
        const span = (message.content["data"] as JsonObject)["text/html"] as StringSpan
        expect(span).toBeInstanceOf(StringSpan)
        expect(span.plain).toBe(true)
        const bytes = message.frames[3].subarray(span.start, span.start + span.length)
        expect(bytes.length).toBe(2_000_000)
        expect(bytes.every((byte) => byte === 120)).toBe(true)
      })

      test.skipIf(!code.update)("updates what it displayed", async () => {
        const told = await shared.run(code.update!)
        const [shown, updated] = [told.contents("display_data")[0], told.contents("update_display_data")[0]]
        expect(JSON.stringify(updated?.["data"])).toContain("two")
        expect(idOf(updated)).toEqual(expect.any(String))
        expect(idOf(updated)).toBe(idOf(shown))
      })

      test.skipIf(!code.comm)("speaks through comms, with bytes both ways", async () => {
        const told = await shared.run(code.comm!)
        const opened = shared.messages(told.id, "comm_open")[0]!
        expect(opened.content["data"]).toEqual({ a: 1 })
        expect(opened.buffers.map((buffer) => [...buffer])).toEqual([[0, 1, 255]])
        const buffers = [new Uint8Array([7, 0, 8]), new Uint8Array(300_000).fill(5)]
        const id = shared.kernel.send("shell", "comm_msg", { comm_id: opened.content["comm_id"]!, data: { b: 2 } }, { buffers })
        await shared.until("the comm's echo", () => shared.messages(id, "comm_msg").length > 0)
        const echo = shared.messages(id, "comm_msg")[0]!
        expect(echo.content["data"]).toEqual({ b: 2 })
        expect(echo.buffers.map((buffer) => Buffer.compare(buffer, buffers[echo.buffers.indexOf(buffer)]!))).toEqual([0, 0])
      })
    })

    describe("other requests", () => {
      test("are answered with their id", async () => {
        const id = shared.kernel.send("shell", "kernel_info_request", {})
        await shared.until("kernel_info_reply", () => shared.messages(id, "kernel_info_reply").length === 1)
        expect(shared.messages(id, "kernel_info_reply")[0]?.content).toMatchObject({ language_info: { name: manners.language } })
      })
    })

    describe("requests sent at once", () => {
      test("run in order", async () => {
        const ids = ["a", "b", "c"].map((text) => shared.kernel.execute({ code: code.print(text) }))
        const told = await Promise.all(ids.map((id) => shared.over(id)))
        const texts = told.map((each) => each.text())
        // Where output trails its idle it carries the id of the request behind it; the engine never sends ahead to such a kernel.
        if (manners.trailsMs > 0) expect(texts.join("").split("\n").filter(Boolean)).toEqual(["a", "b", "c"])
        else expect(texts.map((text) => text.trim())).toEqual(["a", "b", "c"])
        const counts = told.map((each) => Number(each.reply["execution_count"]))
        expect(counts).toEqual([counts[0], counts[0]! + 1, counts[0]! + 2])
      })

      test(`behind one that raises: ${manners.queued}`, async () => {
        // What comes after the error is not queued: the pause lets all of it arrive before.
        shared.kernel.execute({ code: code.pause })
        const raises = shared.kernel.execute({ code: code.raise })
        const queued = shared.kernel.execute({ code: code.stdout })
        expect((await shared.over(raises)).reply["status"]).toBe("error")
        const told = await shared.over(queued, manners.queued === "aborted unseen" ? "unseen" : undefined)
        expect(told.reply["status"]).toBe(manners.queued === "run" ? "ok" : "aborted")
        expect(told.text()).toBe(manners.queued === "run" ? "hello\n" : "")
        if (manners.queued === "aborted unseen") expect(told.types).toEqual(["execute_reply"])
        await sleep(200)
        expect((await shared.run(code.stdout)).text()).toBe("hello\n")
      })

      test(`behind one that may raise: ${manners.mayRaise}`, async () => {
        shared.kernel.execute({ code: code.pause })
        const raises = shared.kernel.execute({ code: code.raise, stopOnError: false })
        const queued = shared.kernel.execute({ code: code.stdout })
        await shared.over(raises)
        const { reply } = await shared.over(queued, "unseen")
        expect(reply["status"]).toBe(manners.mayRaise === "run" ? "ok" : "aborted")
        await sleep(200)
        expect((await shared.run(code.stdout)).text()).toBe("hello\n")
      })

      test.runIf(manners.conditional)("run only when the one they depend on succeeded, whenever they come", async () => {
        const good = shared.kernel.execute({ code: code.remember })
        const next = shared.kernel.execute({ code: code.recall, after: good })
        const bad = shared.kernel.execute({ code: code.raise, after: next })
        const skipped = shared.kernel.execute({ code: code.stdout, after: bad })
        const chained = shared.kernel.execute({ code: code.stdout, after: skipped })
        expect((await shared.over(next)).text()).toContain("[7]")
        expect((await shared.over(bad)).reply["status"]).toBe("error")
        for (const id of [skipped, chained]) expect((await shared.over(id, "unseen")).reply["status"]).toBe("aborted")
        await sleep(300)
        const late = await shared.over(shared.kernel.execute({ code: code.stdout, after: bad }), "unseen")
        expect([late.reply["status"], late.text()]).toEqual(["aborted", ""])
        const mayRaise = shared.kernel.execute({ code: code.raise, stopOnError: false })
        expect((await shared.over(shared.kernel.execute({ code: code.stdout, after: mayRaise }))).text()).toBe("hello\n")
      })
    })

    describe.skipIf(!code.ask)("code that asks", () => {
      test(`uninvited: ${manners.uninvited}`, async () => {
        const id = shared.kernel.execute({ code: code.ask!, allowStdin: false })
        if (manners.uninvited === "asked anyway") {
          await shared.until("the question", () => shared.messages(id, "input_request").length === 1)
          shared.kernel.send("stdin", "input_reply", { value: "" }, { parentId: shared.messages(id, "input_request")[0]!.header.msg_id })
        }
        const told = await shared.over(id)
        expect(told.reply["status"]).toBe(manners.uninvited === "refused" ? "error" : "ok")
        expect(told.types.includes("input_request")).toBe(manners.uninvited === "asked anyway")
      })

      test("gets the answer", async () => {
        const id = shared.kernel.execute({ code: code.ask!, allowStdin: true })
        await shared.until("the question", () => shared.messages(id, "input_request").length === 1)
        const question = shared.messages(id, "input_request")[0]!
        expect(question.channel).toBe("stdin")
        expect(question.content).toMatchObject({ prompt: expect.stringContaining("name?"), password: false })
        shared.kernel.send("stdin", "input_reply", { value: "Ådå ☃" }, { parentId: question.header.msg_id })
        expect((await shared.over(id)).text()).toContain("hello Ådå ☃")
      })
    })

    describe("an interrupt", () => {
      test(`during a long cell: ${manners.interrupted}`, async () => {
        const talk = await begin()
        const id = talk.kernel.execute({ code: code.loop })
        await talk.until("the loop", () => textOf(talk.messages(id)).includes("looping"))
        await sleep(100)
        await talk.kernel.interrupt()
        if (manners.interrupted === "dies") {
          await talk.until("its death", () => talk.events.at(-1)?.type === "died", 5000)
          return
        }
        const told = await talk.over(id)
        expect(told.reply["status"]).not.toBe("ok")
        expect(told.types.includes("error")).toBe(manners.interrupted === "raises")
        await sleep(200)
        expect((await talk.run(code.stdout)).text()).toBe("hello\n")
      })

      test.skipIf(manners.interrupted === "dies")("of an idle kernel does no harm", async () => {
        await shared.run(code.remember)
        await shared.kernel.interrupt()
        await sleep(200)
        expect((await shared.run(code.recall)).text()).toContain("[7]")
      })
    })

    describe("a restart", () => {
      test("forgets everything, loses nothing said after it, and is not taken for a death", async () => {
        const talk = await begin()
        await talk.run(code.remember)
        await talk.kernel.restart()
        const told = await talk.run(code.stdout)
        expect(told.text()).toBe("hello\n")
        expect(told.types).toEqual(expect.arrayContaining(["status", "execute_input", "stream", "execute_reply"]))
        expect(told.reply["execution_count"]).toBe(1)
        expect((await talk.run(code.recall)).text()).not.toContain("[7]")
        expect(talk.events.filter((event) => event.type !== "said")).toEqual([])
      })

      test("ends a cell that would never end", async () => {
        const talk = await begin()
        const id = talk.kernel.execute({ code: code.loop })
        await talk.until("the loop", () => textOf(talk.messages(id)).includes("looping"))
        await talk.kernel.restart()
        expect((await talk.run(code.stdout)).text()).toBe("hello\n")
        expect(talk.messages(id, "execute_reply").filter((message) => message.content["status"] === "ok")).toEqual([])
      })
    })

    describe("a kernel that is left alone", () => {
      test(manners.keeps ? "is found again as it was" : "is not kept", async () => {
        const talk = await begin()
        await talk.run(code.remember)
        const kept = await talk.kernel.detach(20_000)
        expect(kept !== undefined).toBe(manners.keeps)
        if (!kept) return
        const again = talkTo(await subject.kernels.attach(kept), manners.trailsMs)
        open.push(again.kernel)
        expect(again.kernel.started.from).toBe("attached")
        expect((await again.run(code.recall)).text()).toContain("[7]")
        await again.kernel.close()
        await expect(subject.kernels.attach(kept)).rejects.toMatchObject({ name: "Fault", code: "kernel_died" })
      })
    })

    describe("the end", () => {
      test(`by its own hand is told in ${manners.death.withinMs} ms, once`, async () => {
        const talk = await begin()
        const { told, withinMs } = manners.death
        const id = talk.kernel.execute({ code: code.die })
        await talk.until(
          "the start of it",
          () => talk.messages(id, "execute_input").length + talk.events.filter((event) => event.type !== "said").length > 0,
        )
        const since = performance.now()
        await talk.until(told, () => talk.events.some((event) => event.type === told), withinMs + 5000)
        expect(performance.now() - since).toBeLessThan(withinMs)
        await sleep(300)
        const ends = talk.events.filter((event) => event.type !== "said")
        expect(ends).toHaveLength(1)
        if (ends[0]?.type === "died") expect(ends[0].exit).toMatchObject({ signal: "SIGKILL", outOfMemory: false, stderrTail: expect.any(String) })
      })

      test("leaves no process, not even in the middle of a cell, and says nothing of a death", async () => {
        const talk = await begin()
        const id = talk.kernel.execute({ code: code.loop })
        await talk.until("the loop", () => textOf(talk.messages(id)).includes("looping"))
        const processes = talk.kernel.pid === undefined ? [] : family(talk.kernel.pid)
        await talk.kernel.close({ graceMs: 500 })
        const isGone = subject.isGone ?? (async () => !processes.some(isAlive))
        const deadline = performance.now() + 2000
        while (!(await isGone(talk.kernel, processes)) && performance.now() < deadline) await sleep(50)
        expect(processes.filter(isAlive)).toEqual([])
        expect(await isGone(talk.kernel, processes)).toBe(true)
        expect(talk.events.filter((event) => event.type !== "said")).toEqual([])
        await talk.kernel.close()
      })
    })
  })
}

function dataOf(content: JsonObject | undefined): JsonObject {
  return (content?.["data"] ?? {}) as JsonObject
}

function idOf(content: JsonObject | undefined): unknown {
  return (content?.["transient"] as JsonObject | undefined)?.["display_id"]
}
