import { type AddressInfo, connect, createServer, type Socket } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { StringSpan } from "#base/json.ts"
import { pythonWithServer, startServer, type TestServer } from "#kernel/adapters/gateway/testing.ts"
import { type GatewayOptions, gatewayKernels } from "#kernel/adapters/gateway.ts"
import { MANNERS, type Manners } from "#kernel/contract/manners.ts"
import { kernelContract } from "#kernel/contract/testing.ts"
import type { Kernel, KernelEvent, Kernels, Message } from "#kernel/ports.ts"

const python = pythonWithServer()
const FORMS = { "a Jupyter server": [], "a Jupyter server that knows only the older form": ["--ZMQChannelsWebsocketConnection.kernel_ws_protocol="] }

// A server looks after its kernels every three seconds, starts a dead one again, and gives it time to do so.
const MANNERS_THERE: Manners = { ...MANNERS.python3, conditional: false, keeps: false, death: { told: "restarted", withinMs: 10_000 } }

describe.skipIf(!python && !process.env["CI"])("a Jupyter server", () => {
  test("is installed where STET_TEST_PYTHON points", () => {
    expect(python, "Install jupyter_server into the Python that STET_TEST_PYTHON names.").toBeDefined()
  })

  for (const [name, flags] of Object.entries(python ? FORMS : {})) {
    describe(name, () => {
      let server: TestServer
      beforeAll(async () => {
        // Its output limit is for browsers; the contract prints more.
        server = await startServer(python!, ["--ZMQChannelsWebsocketConnection.limit_rate=False", ...flags])
      })
      afterAll(() => server?.stop())
      // One kernel is the suite's own.
      const make = async () => ({
        kernels: gatewayKernels({ url: server.url, token: server.token }),
        kernelName: "python3",
        isGone: async () => (await kernelsOf(server)).length <= 1,
      })
      kernelContract(name, make, MANNERS_THERE)
    })
  }
})

describe.skipIf(!python)("a connection", { timeout: 60_000 }, () => {
  let server: TestServer
  let wire: CutWire
  beforeAll(async () => {
    server = await startServer(python!, ["--ZMQChannelsWebsocketConnection.limit_rate=False"])
    wire = await cutWire(Number(new URL(server.url).port))
  })
  afterAll(async () => {
    await wire?.close()
    await server?.stop()
  })

  async function begin(
    options: Partial<GatewayOptions> = {},
  ): Promise<{ readonly kernels: Kernels; readonly kernel: Kernel; readonly heard: Heard }> {
    const kernels = gatewayKernels({ url: `http://127.0.0.1:${wire.port}/`, token: server.token, ...options })
    const kernel = await kernels.start("python3")
    return { kernels, kernel, heard: hear(kernel) }
  }

  test("that broke while nothing ran is made again without a word", async () => {
    const { kernels, kernel, heard } = await begin()
    await heard.over(kernel.execute({ code: "x = 1" }))
    wire.cut()
    await sleep(200)
    expect((await heard.over(kernel.execute({ code: "print(x + 1)" }))).text).toBe("2\n")
    expect(heard.ends).toEqual([])
    await kernels.close()
  })

  test("that broke as a request went out never leaves it open: it is answered, or its loss is told", async () => {
    const { kernels, kernel, heard } = await begin()
    wire.cut()
    const id = kernel.execute({ code: "print('there')" })
    await heard.until(() => heard.text(id).includes("there") || heard.ends.length > 0)
    for (const end of heard.ends) expect(end).toMatchObject({ type: "died", exit: { stderrTail: expect.stringContaining("with it a request") } })
    await kernels.close()
  })

  test("that broke in the middle of a cell is made again, and the output says where", async () => {
    const { kernels, kernel, heard } = await begin()
    const id = kernel.execute({ code: "import time\nfor i in range(30): print(i, flush=True); time.sleep(0.1)" })
    await heard.until(() => heard.text(id).includes("5\n"))
    wire.cut({ forMs: 1000 })
    const { text, status } = await heard.over(id)
    expect(status).toBe("ok")
    expect(text).toMatch(/^0\n1\n/)
    expect(text).toMatch(/\n29\n$/)
    expect(text).toMatch(/The connection to the kernel was lost for .* while this ran: output may be missing here\.\n/)
    expect((await heard.over(kernel.execute({ code: "print(i)" }))).text).toBe("29\n")
    await kernels.close()
  })

  test("that does not come back is told as the kernel's end", async () => {
    const { kernels, kernel, heard } = await begin({ reconnectForMs: 500 })
    const id = kernel.execute({ code: "print('on', flush=True); import time; time.sleep(600)" })
    await heard.until(() => heard.text(id).includes("on"))
    wire.cut({ forMs: 3000 })
    await heard.until(() => heard.ends.length > 0)
    expect(heard.ends).toEqual([
      {
        type: "died",
        exit: { code: null, signal: null, outOfMemory: false, stderrTail: expect.stringMatching(/was lost and did not come back in/) },
      },
    ])
    await wire.restored()
    await kernels.close()
  })

  test("to a kernel that somebody else removed is told as its end", async () => {
    const { kernels, kernel, heard } = await begin({ checkMs: 200 })
    const id = kernel.execute({ code: "print('on', flush=True); import time; time.sleep(600)" })
    await heard.until(() => heard.text(id).includes("on"))
    for (const one of await kernelsOf(server))
      await fetch(new URL(`api/kernels/${one.id}`, server.url), { method: "DELETE", headers: { authorization: `token ${server.token}` } })
    await heard.until(() => heard.ends.length > 0)
    expect(heard.ends).toMatchObject([{ type: "died", exit: { stderrTail: expect.stringContaining("no longer has this kernel") } }])
    await kernels.close()
  })

  test("carries twenty million bytes in one message", async () => {
    const { kernels, kernel, heard } = await begin()
    const { text } = await heard.over(kernel.execute({ code: "print('x' * 20_000_000)" }))
    expect(text.length).toBe(20_000_001)
    await kernels.close()
  })

  test("with a wrong token is refused", async () => {
    await expect(begin({ token: "wrong" })).rejects.toMatchObject({
      code: "kernel_start_failed",
      retry: "never",
      remedy: expect.stringContaining("token"),
    })
  })

  test("leaves no kernel on the server", async () => {
    expect(await kernelsOf(server)).toEqual([])
  })
})

type CutWire = {
  readonly port: number
  /** Breaks every connection, and takes none for a while. */
  cut(options?: { readonly forMs: number }): void
  restored(): Promise<void>
  close(): Promise<void>
}

/** A port that leads to another, through a wire that can be cut. */
async function cutWire(to: number): Promise<CutWire> {
  const sockets = new Set<Socket>()
  let closedUntil = 0
  const server = createServer((near) => {
    if (performance.now() < closedUntil) return void near.destroy()
    const far = connect(to, "127.0.0.1")
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket
        .on("error", () => {})
        .on("close", () => {
          sockets.delete(socket)
          near.destroy()
          far.destroy()
        })
    }
    near.pipe(far).pipe(near)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const cut = ({ forMs } = { forMs: 0 }) => {
    closedUntil = performance.now() + forMs
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    restored: () => sleep(Math.max(0, closedUntil - performance.now())),
    close: async () => {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

type Heard = {
  readonly ends: readonly KernelEvent[]
  text(id: string): string
  until(holds: () => boolean): Promise<void>
  over(id: string): Promise<{ readonly text: string; readonly status: unknown }>
}

function hear(kernel: Kernel): Heard {
  const messages: Message[] = []
  const ends: KernelEvent[] = []
  kernel.listen((event) => void (event.type === "said" ? messages.push(event.message) : ends.push(event)))
  const of = (id: string, type: string) => messages.filter((message) => message.parentId === id && message.header.msg_type === type)
  const text = (id: string) => of(id, "stream").map(textOf).join("")
  const until = async (holds: () => boolean) => {
    for (let waited = 0; !holds(); waited += 20) {
      if (waited > 40_000) throw new Error(`it did not come; heard last: ${JSON.stringify(messages.slice(-3).map((message) => message.content))}`)
      await sleep(20)
    }
  }
  const isIdle = (id: string) => of(id, "status").some((message) => message.content["execution_state"] === "idle")
  const over = async (id: string) => {
    await until(() => of(id, "execute_reply").length > 0 && isIdle(id))
    return { text: text(id), status: of(id, "execute_reply")[0]?.content["status"] }
  }
  return { ends, text, until, over }
}

function textOf({ content: { text }, frames }: Message): string {
  if (!(text instanceof StringSpan)) return String(text)
  return JSON.parse(`"${new TextDecoder().decode(frames[3].subarray(text.start, text.start + text.length))}"`)
}

type Listed = { readonly id: string }

async function kernelsOf(server: TestServer): Promise<readonly Listed[]> {
  const answer = await fetch(new URL("api/kernels", server.url), { headers: { authorization: `token ${server.token}` } })
  return (await answer.json()) as Listed[]
}
