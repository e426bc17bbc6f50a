import { spawn } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, expect, test } from "vitest"
import { isAlive, processStat } from "#base/adapters/process.ts"
import { isFault } from "#base/fault.ts"
import { StringSpan } from "#base/json.ts"
import type { KeptKernel, KernelEvent } from "#kernel/index.ts"
import { type Talk, talk, testEnv, testKernels, testPython } from "#kernel/testing.ts"

const kernels = testKernels()
afterAll(() => kernels.close())

async function withKernel(use: (heard: Talk) => Promise<void>, launch = {}): Promise<void> {
  const kernel = await kernels.start("python3", { historyOff: true, zygote: true, ...launch })
  try {
    await use(talk(kernel))
  } finally {
    await kernel.close({ graceMs: 0 })
  }
}

test("what the first cell says is never missed, in thirty kernels forked from a zygote", async () => {
  for (let i = 0; i < 30; i++) {
    await withKernel(async ({ run, kernel }) => {
      const { said } = await run("print('first')")
      expect(kernel.started.from).toBe("zygote")
      expect(said.map(({ header }) => header.msg_type)).toEqual(["status", "execute_input", "stream", "status"])
    })
  }
})

test("a kernel started cold is the same to its notebook as one from a zygote", async () => {
  const probe = `
import sys, os, json, threading, signal, random
print(json.dumps([sys.argv[0], sys.argv[1], [a for a in sys.argv[3:]], sys.path[1:], __name__, "__file__" in globals(),
  sorted(n for n in globals() if n[0] != "_"), os.getpid() == os.getpgrp() == os.getsid(0), os.environ["JPY_PARENT_PID"] == str(os.getppid()),
  type(get_ipython()).__name__, type(get_ipython().kernel).__name__, sorted(t.name.split("-")[0] for t in threading.enumerate()),
  str(signal.getsignal(signal.SIGCHLD)), sys.stdin.fileno(), os.getcwd(), os.environ.get("ASKED"), len(os.listdir("/proc/self/fd")) // 4]))`
  const states: unknown[] = []
  for (const zygote of [false, true]) {
    await withKernel(async ({ run }) => void states.push(JSON.parse((await run(probe)).text)), { zygote, cwd: "/", env: { ASKED: "yes" } })
  }
  expect(states[0]).toEqual(states[1])
})

test("random numbers differ from one forked kernel to the next", async () => {
  const drawn = new Set<string>()
  for (let i = 0; i < 3; i++) {
    await withKernel(async ({ run }) => void drawn.add((await run("import random, numpy; print(random.random(), numpy.random.rand())")).text), {
      zygoteImports: ["numpy"],
    })
  }
  expect(new Set([...drawn].flatMap((line) => line.trim().split(" "))).size).toBe(6)
})

test("an execute that names another runs only if that one succeeded", async () => {
  await withKernel(async ({ kernel, answer }) => {
    const first = kernel.execute({ code: "print('a')" })
    const raised = kernel.execute({ code: "1 / 0", after: first })
    const skipped = kernel.execute({ code: "print('never')", after: raised })
    const skippedToo = kernel.execute({ code: "print('never')", after: skipped })
    const other = kernel.execute({ code: "print('b')", after: first })
    const mayRaise = kernel.execute({ code: "1 / 0", after: other, stopOnError: false })
    const behind = kernel.execute({ code: "print('c')", after: mayRaise })
    const unknown = kernel.execute({ code: "print('never')", after: "nobody" })
    const answers = await Promise.all([first, raised, skipped, skippedToo, other, mayRaise, behind, unknown].map(answer))
    expect(answers.map(({ status, text }) => `${status} ${text.trim()}`)).toEqual([
      "ok a",
      "error ",
      "aborted ",
      "aborted ",
      "ok b",
      "error ",
      "ok c",
      "aborted ",
    ])
    expect(answers[2]?.said.map(({ content }) => content["execution_state"])).toEqual(["busy", "idle"])
  })
})

test("after exit nothing that waits behind it is run", async () => {
  await withKernel(async ({ kernel, answer }) => {
    const leaving = kernel.execute({ code: "exit" })
    const behind = kernel.execute({ code: "print('never')", after: leaving })
    expect((await answer(leaving)).status).toBe("ok")
    expect((await answer(behind)).status).toBe("aborted")
  })
})

test("the traceback of an error is word for word that of a plain ipykernel", async () => {
  await withKernel(async ({ run }) => {
    const { said } = await run("def f():\n    return 1 / 0\nf()")
    const [error] = said.filter(({ header }) => header.msg_type === "error")
    const text = String(error?.content["traceback"]).replaceAll(/\p{Cc}\[[0-9;]*m/gu, "")
    expect(text).not.toMatch(/launcher|do_execute/i)
    expect(text).toMatch(/Cell In\s?\[1\], line 3/)
  })
})

test("an interrupt ends the cell with KeyboardInterrupt and the kernel goes on", async () => {
  await withKernel(async ({ kernel, answer, run, until }) => {
    const id = kernel.execute({ code: "print('busy', flush=True)\nimport time\ntime.sleep(60)" })
    await until((event) => (event.type === "said" && event.message.header.msg_type === "stream" ? true : undefined))
    await kernel.interrupt()
    const { reply } = await answer(id)
    expect(reply.content["ename"]).toBe("KeyboardInterrupt")
    expect((await run("print('alive')")).text).toBe("alive\n")
  })
})

test("a restart gives a fresh process behind the same connection file, and nobody calls it a death", async () => {
  await withKernel(async ({ kernel, run, events }) => {
    const { text: file } = await run("x = 1\nfrom ipykernel import get_connection_file; print(get_connection_file())")
    const pid = kernel.pid!
    await kernel.restart()
    expect(kernel.pid).not.toBe(pid)
    expect(isAlive(pid)).toBe(false)
    expect((await run("print('x' in globals()); print(get_ipython().kernel.parent.connection_file)")).text).toBe(`False\n${file}`)
    expect(events.filter(({ type }) => type !== "said")).toEqual([])
  })
})

test("a kernel that is killed is reported within a second, after everything it said, with its last words", async () => {
  await withKernel(async ({ kernel, events, until }) => {
    const startedAt = performance.now()
    kernel.execute({
      code: "import os, signal\nprint('last', flush=True)\nos.write(get_ipython().kernel.parent.log.handlers[0].stream.fileno(), b'dying words\\n')\nimport time\ntime.sleep(0.1)\nos.kill(os.getpid(), signal.SIGKILL)",
    })
    const exit = await until((event) => (event.type === "died" ? event.exit : undefined))
    expect(performance.now() - startedAt).toBeLessThan(1000)
    expect(exit).toMatchObject({ code: null, signal: "SIGKILL", outOfMemory: false })
    expect(exit.stderrTail).toMatch(/dying words/)
    await sleep(100)
    expect(events.at(-1)?.type).toBe("died")
    expect(events.some((event) => event.type === "said" && event.message.content["text"] === "last\n")).toBe(true)
  })
})

test("whoever listens to a kernel that has died while another listened is told at once, and only once; a restart is another life", async () => {
  await withKernel(async ({ kernel, until }) => {
    process.kill(kernel.pid!, "SIGKILL")
    const exit = await until((event) => (event.type === "died" ? event.exit : undefined))
    const told: KernelEvent[] = []
    kernel.listen((event) => told.push(event))
    expect(told).toEqual([{ type: "died", exit }])
    await kernel.restart()
    const after: KernelEvent[] = []
    kernel.listen((event) => after.push(event))
    expect(after.filter(({ type }) => type === "died")).toEqual([])
  })
})

test("a kernel that is killed in the first moment of a cell tells which one it was, although its last replies are lost", async () => {
  for (let i = 0; i < 6; i++) {
    await withKernel(
      async ({ kernel, until }) => {
        const first = kernel.execute({ code: "x = 1" })
        const second = kernel.execute({ code: "import os; os.kill(os.getpid(), 9)", after: first })
        kernel.execute({ code: "x = 3", after: second })
        const exit = await until((event) => (event.type === "died" ? event.exit : undefined))
        expect(exit.lastRequest).toBe(second)
      },
      { zygote: i % 2 === 0 },
    )
  }
})

test("a cold kernel's exit code is told", async () => {
  await withKernel(
    async ({ kernel, until }) => {
      kernel.execute({ code: "import os; os._exit(7)" })
      expect(await until((event) => (event.type === "died" ? event.exit : undefined))).toMatchObject({ code: 7, signal: null })
    },
    { zygote: false },
  )
})

test("processes that a cell started in its group end with the kernel", async () => {
  let child = 0
  await withKernel(async ({ run }) => {
    child = Number((await run("import subprocess; p = subprocess.Popen(['sleep', '300']); print(p.pid)")).text)
    expect(isAlive(child)).toBe(true)
  })
  await expect.poll(() => isAlive(child)).toBe(false)
})

test("input is asked for on stdin and the answer reaches the cell", async () => {
  await withKernel(async ({ kernel, answer, until, run }) => {
    const id = kernel.execute({ code: "print('hello ' + input('who? '))", allowStdin: true })
    const asked = await until((event) => (event.type === "said" && event.message.header.msg_type === "input_request" ? event.message : undefined))
    expect(asked).toMatchObject({ channel: "stdin", parentId: id, content: { prompt: "who? ", password: false } })
    kernel.send("stdin", "input_reply", { value: "Ada" }, { parentId: asked.header.msg_id })
    expect((await answer(id)).text).toBe("hello Ada\n")
    expect((await run("input()")).reply.content["ename"]).toBe("StdinNotImplementedError")
  })
})

test("a comm carries binary buffers both ways", async () => {
  await withKernel(async ({ kernel, run, until }) => {
    await run(`
def opened(comm, message):
    @comm.on_msg
    def heard(message):
        comm.send({"size": len(bytes(message["buffers"][0]))}, buffers=[bytes(reversed(bytes(message["buffers"][0])))])
get_ipython().kernel.comm_manager.register_target("echo", opened)`)
    kernel.send("shell", "comm_open", { comm_id: "c1", target_name: "echo", data: {} })
    kernel.send("shell", "comm_msg", { comm_id: "c1", data: {} }, { buffers: [new Uint8Array([1, 2, 255])] })
    const back = await until((event) => (event.type === "said" && event.message.header.msg_type === "comm_msg" ? event.message : undefined))
    expect(back.content).toMatchObject({ comm_id: "c1", data: { size: 3 } })
    expect([...back.buffers[0]!]).toEqual([255, 2, 1])
  })
})

test("a subshell answers while a cell runs", async ({ skip }) => {
  await withKernel(async ({ kernel, answer, until, events }) => {
    if (!kernel.info.features.has("kernel subshells")) return skip("this ipykernel has no subshells")
    const created = await answer(kernel.send("control", "create_subshell_request", {}))
    const subshellId = String(created.reply.content["subshell_id"])
    const long = kernel.execute({ code: "import time\ny = 5\nprint('on', flush=True)\ntime.sleep(1.5)" })
    await until((event) => (event.type === "said" && event.message.content["text"] === "on\n" ? true : undefined))
    const quick = await answer(kernel.execute({ code: "print(y)", subshellId }))
    expect(quick.text).toBe("5\n")
    expect(events.some((event) => event.type === "said" && event.message.parentId === long && event.message.channel === "shell")).toBe(false)
    await answer(long)
    const list = await answer(kernel.send("control", "list_subshell_request", {}))
    expect(list.reply.content["subshell_id"]).toEqual([subshellId])
    await answer(kernel.send("control", "delete_subshell_request", { subshell_id: subshellId }))
  })
})

test("long strings of a large display stay bytes, and small JSON keeps its digits", async () => {
  await withKernel(async ({ run }) => {
    const large = await run("from IPython.display import display\ndisplay({'image/png': 'A' * 2_000_000, 'text/plain': 'small'}, raw=True)")
    const shown = large.said.find(({ header }) => header.msg_type === "display_data")!
    const { "image/png": image, "text/plain": plain } = shown.content["data"] as Record<string, unknown>
    expect(image).toBeInstanceOf(StringSpan)
    const { start, length, plain: isPlain } = image as StringSpan
    expect([length, isPlain, plain]).toEqual([2_000_000, true, "small"])
    expect(Buffer.from(shown.frames[3].subarray(start, start + length)).toString()).toBe("A".repeat(2_000_000))

    const small = await run("display({'application/json': {'a': 1.0, 'b': 2**70}}, raw=True)")
    const { data } = small.said.find(({ header }) => header.msg_type === "display_data")!.content as { data: { "application/json": object } }
    expect(Object.values(data["application/json"]).map((value) => (value as { text: string }).text)).toEqual(["1.0", "1180591620717411303424"])
  })
})

test("what a kernel publishes faster than it is read is not dropped", async () => {
  await withKernel(async ({ kernel, answer }) => {
    const id = kernel.execute({
      code: "k = get_ipython().kernel\nfor i in range(5000): k.send_response(k.iopub_socket, 'stream', {'name': 'stdout', 'text': 'x\\n'})",
    })
    await sleep(50)
    // JavaScript that computes reads nothing: far more than libzmq's default of 1,000 messages waits meanwhile.
    for (const until = performance.now() + 3000; performance.now() < until; ) Math.sqrt(2)
    expect((await answer(id)).text.length).toBe(10_000)
  })
})

test("output of many threads at once arrives whole, in each thread's order, and nothing waits for a wake-up that was lost", async () => {
  await withKernel(async ({ run }) => {
    const { said } = await run(`
import threading, sys
from IPython.display import display
def work(n):
    for i in range(400):
        sys.stdout.write(f"{n}:{i}\\n")
        if i % 3 == 0: sys.stdout.flush()
        if i % 5 == 0: display({"text/plain": f"{n}={i}"}, raw=True)
threads = [threading.Thread(target=work, args=(n,)) for n in range(5)]
for t in threads: t.start()
for t in threads: t.join()
sys.stdout.flush()`)
    const lines = said.flatMap(({ content }) => String(content["text"] ?? "").split("\n")).filter(Boolean)
    const shown = said.flatMap(({ header, content }) =>
      header.msg_type === "display_data" ? [(content["data"] as { "text/plain": string })["text/plain"]] : [],
    )
    for (let n = 0; n < 5; n++) {
      expect(lines.filter((line) => line.startsWith(`${n}:`))).toEqual(Array.from({ length: 400 }, (_, i) => `${n}:${i}`))
      expect(shown.filter((text) => text.startsWith(`${n}=`))).toEqual(Array.from({ length: 80 }, (_, i) => `${n}=${5 * i}`))
    }
  })
}, 9000)

test("sockets and connection file are for their owner only, and nothing of them remains", async () => {
  const kernel = await kernels.start("python3", { zygote: true })
  const folder = readdirSync(kernels.runtimeDir).find((name) => existsSync(join(kernels.runtimeDir, name, "connection.json")))!
  const path = join(kernels.runtimeDir, folder)
  expect(statSync(path).mode & 0o777).toBe(0o700)
  expect(statSync(join(path, "connection.json")).mode & 0o777).toBe(0o600)
  expect(statSync(join(path, "s-1")).isSocket()).toBe(true)
  expect(Buffer.byteLength(join(path, "s-5"))).toBeLessThanOrEqual(107)
  const { pid } = kernel
  await kernel.close()
  expect([existsSync(path), isAlive(pid!)]).toEqual([false, false])
})

test("a kept kernel outlives the command that started it, and the next one goes on with its state", async () => {
  const first = talk(await kernels.start("python3", { zygote: true }))
  await first.run("x = 42")
  const kept = await first.kernel.detach(60_000)
  expect(kept?.until).toBeGreaterThan(Date.now() + 50_000)
  await sleep(1500)
  const second = talk(await kernels.attach(kept!))
  expect(second.kernel.started.from).toBe("attached")
  expect((await second.run("print(x)")).text).toBe("42\n")
  await expect(kernels.attach(kept!)).rejects.toMatchObject({ code: "kernel_died" })
  await second.kernel.close()
  expect([isAlive(kept!.pid), existsSync(dirname(kept!.connectionFile))]).toEqual([false, false])
})

test("a kept kernel ends when its time is up", async () => {
  const kernel = await kernels.start("python3", { zygote: true })
  const kept = await kernel.detach(500)
  await expect.poll(() => isAlive(kept!.pid), { timeout: 6000 }).toBe(false)
  await expect(kernels.attach(kept!)).rejects.toSatisfy(isFault)
})

test("a kernel that cannot start says what it wrote, and leaves nothing", async () => {
  const before = readdirSync(kernels.runtimeDir).length
  const data = join(kernels.runtimeDir, "data")
  for (const [name, code] of [
    ["broken", "import sys; sys.stderr.write('no such library: libfoo\\n'); sys.exit(3)"],
    ["silent", "import time; time.sleep(60)"],
  ] as const) {
    mkdirSync(join(data, "kernels", name), { recursive: true })
    writeFileSync(
      join(data, "kernels", name, "kernel.json"),
      JSON.stringify({ argv: ["python3", "-c", code, "{connection_file}"], display_name: name, language: "none" }),
    )
  }
  const { localKernels } = await import("#kernel/adapters/local.ts")
  const here = localKernels({ runtimeDir: kernels.runtimeDir, env: { ...testEnv(), JUPYTER_PATH: data } })
  await expect(here.start("broken")).rejects.toThrow(/exit code 3[\s\S]*no such library: libfoo/)
  await expect(here.start("silent", { startTimeoutMs: 400 })).rejects.toMatchObject({
    code: "kernel_start_failed",
    message: expect.stringMatching(/not ready/),
  })
  await here.close()
  expect(readdirSync(kernels.runtimeDir).length).toBe(before + 1)
})

test("an unknown kernel is refused with the names there are, the nearest first", async () => {
  await expect(kernels.start("pyton3")).rejects.toMatchObject({
    code: "no_such_kernel",
    message: expect.stringMatching(/pyton3.*There are: python3/),
  })
})

/** Runs a script in a Node process of its own, which has `kernels`, and gives what it first prints. */
async function owner(folder: string, script: string): Promise<{ readonly said: string; readonly kill: () => void }> {
  const options = { runtimeDir: folder, ...(testPython() ? { managedPython: testPython() } : {}) }
  const code = `import { localKernels } from "#kernel/adapters/local.ts"\nconst kernels = localKernels(${JSON.stringify(options)})\n${script}`
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", code], { env: testEnv(), stdio: ["ignore", "pipe", "inherit"] })
  const said = await new Promise<string>((resolve) => child.stdout.once("data", (bytes) => resolve(String(bytes))))
  return { said, kill: () => child.kill("SIGKILL") }
}

test("when the owner is killed nothing of its kernels remains: no process, no folder", async () => {
  const folder = join(kernels.runtimeDir, "owner")
  const { said, kill } = await owner(
    folder,
    `const started = await Promise.all([kernels.start("python3"), kernels.start("python3", { zygote: true })])
    for (const kernel of started) kernel.execute({ code: "import subprocess; subprocess.Popen(['sleep', '300']).wait()" })
    const gone = await kernels.start("python3", { zygote: true })
    gone.listen(({ type }) => type === "died" && console.log(JSON.stringify(started.map(({ pid }) => pid))))
    gone.execute({ code: "import os, time; time.sleep(0.3); os._exit(0)" })`,
  )
  const pids = JSON.parse(said) as number[]
  const living = () => pids.map((pid) => groupMembers(pid).length)
  expect(living()).toEqual([2, 2])
  kill()
  await expect.poll(living, { timeout: 2000 }).toEqual([0, 0])
  await expect.poll(() => readdirSync(folder), { timeout: 2000 }).toEqual([])
})

/** The processes of a group that run; ended ones that nobody has reaped yet do not count. */
function groupMembers(group: number): readonly number[] {
  const all = readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0)
  return all.filter((pid) => processStat(pid)[2] === String(group) && isAlive(pid))
}

test("kernels that were kept live on when their owner is killed, and only those", async () => {
  const { said, kill } = await owner(
    join(kernels.runtimeDir, "keeper"),
    `const [cold, forked, other] = await Promise.all([kernels.start("python3"), kernels.start("python3", { zygote: true }), kernels.start("python3", { zygote: true })])
    for (const kernel of [cold, forked]) kernel.execute({ code: "x = 1" })
    console.log(JSON.stringify([other.pid, await cold.detach(60_000), await forked.detach(60_000)]))
    setInterval(() => undefined, 1000)`,
  )
  const [other, ...kept] = JSON.parse(said) as [number, KeptKernel, KeptKernel]
  kill()
  await expect.poll(() => isAlive(other), { timeout: 2000 }).toBe(false)
  await sleep(1500)
  for (const one of kept) {
    const { kernel, run } = talk(await kernels.attach(one))
    expect((await run("print(x)")).text).toBe("1\n")
    await kernel.close()
  }
  expect(kept.map(({ pid }) => isAlive(pid))).toEqual([false, false])
})

test("closing everything while a kernel starts ends that start", async () => {
  const here = testKernels()
  const starting = here.start("python3")
  const refused = expect(starting).rejects.toMatchObject({ code: "kernel_start_failed" })
  await sleep(50)
  const startedAt = performance.now()
  await here.close()
  await refused
  expect(performance.now() - startedAt).toBeLessThan(3000)
  expect(existsSync(here.runtimeDir)).toBe(false)
})
