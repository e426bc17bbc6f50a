import { createServer } from "node:http"
import { describe, expect, test } from "vitest"
import { type Fault, isFault } from "#base/fault.ts"
import { serverAt } from "#kernel/adapters/gateway/server.ts"
import { gatewayKernels } from "#kernel/adapters/gateway.ts"

type Asked = { readonly method: string; readonly url: string; readonly headers: Headers; readonly body: unknown }

const SPECS = {
  kernelspecs: {
    python3: { spec: { display_name: "Python 3", language: "python", argv: ["python"], interrupt_mode: "message" } },
    ir: { spec: { language: "R" } },
  },
}

/** A server in the place of fetch: answers by method and path, and keeps what it was asked. */
function pretending(answers: { readonly [call: string]: readonly [status: number, body: unknown] }): {
  readonly fetch: typeof fetch
  readonly asked: Asked[]
} {
  const asked: Asked[] = []
  const pretend = async (input: unknown, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(String(input))
    asked.push({ method: init.method ?? "GET", url: url.href, headers: new Headers(init.headers), body: init.body && JSON.parse(String(init.body)) })
    const [status, body] = answers[`${init.method} ${url.pathname}`] ?? [404, { message: "Not Found" }]
    return new Response(typeof body === "string" ? body : JSON.stringify(body), { status })
  }
  return { fetch: pretend as typeof fetch, asked }
}

async function faultOf(promise: Promise<unknown>): Promise<Fault> {
  const thrown = await promise.then(
    () => "nothing was thrown",
    (error: unknown) => error,
  )
  if (!isFault(thrown)) throw new Error(`no Fault: ${thrown}`)
  return thrown
}

test("a kernel elsewhere cannot be confined from here, and none is started", async () => {
  const { fetch, asked } = pretending({ "GET /api/kernelspecs": [200, SPECS] })
  const confine = { level: "L0", scratch: "/tmp", network: true } as const
  expect((await faultOf(gatewayKernels({ url: "http://host", fetch }).start("python3", { confine }))).code).toBe("isolation_unavailable")
  expect(asked).toEqual([])
})

describe("the address", () => {
  test("may hold a base path, the page it was copied from, and the token, which goes into a header", async () => {
    for (const url of [
      "http://host:8888/user/ada/lab?token=s3cret",
      "http://host:8888/user/ada/?token=s3cret#top",
      "http://host:8888/user/ada/tree/?token=s3cret",
    ]) {
      const { fetch, asked } = pretending({ "GET /user/ada/api/kernelspecs": [200, SPECS] })
      await gatewayKernels({ url, fetch }).list()
      expect(asked[0]?.url).toBe("http://host:8888/user/ada/api/kernelspecs")
      expect(asked[0]?.headers.get("authorization")).toBe("token s3cret")
    }
  })

  test("gives the WebSocket's own, without credentials", () => {
    const { socketUrl, name } = serverAt({ url: "https://host/hub?token=s3cret" })
    expect(socketUrl("a/b", "s 1")).toBe("wss://host/hub/api/kernels/a%2Fb/channels?session_id=s+1")
    expect(name).toBe("https://host/hub")
  })

  test("may hold a name and password, which go into a header", () => {
    expect(serverAt({ url: "https://ada:p%40ss@host/" }).headers).toEqual({ authorization: `Basic ${btoa("ada:p@ss")}` })
    expect(serverAt({ url: "https://ada:p%40ss@host/", token: "t", headers: { "x-team": "a" } }).headers).toEqual({
      authorization: "token t",
      "x-team": "a",
    })
  })

  test("that is none is refused without being repeated", () => {
    for (const url of ["", "s3cret", "file:///etc", "ws://host?token=s3cret"]) {
      expect(() => gatewayKernels({ url })).toThrow(/not an http or https address/)
      expect(() => gatewayKernels({ url })).not.toThrow(/s3cret/)
    }
  })
})

describe("kernelspecs", () => {
  test("are listed as the server has them", async () => {
    const { fetch } = pretending({ "GET /api/kernelspecs": [200, SPECS] })
    expect(await gatewayKernels({ url: "http://host", fetch }).list()).toMatchObject([
      { name: "python3", displayName: "Python 3", language: "python", interruptMode: "message" },
      { name: "ir", displayName: "ir", language: "R", interruptMode: "signal" },
    ])
  })

  test("that are not there are a fault that names those that are, nearest first", async () => {
    const { fetch, asked } = pretending({ "GET /api/kernelspecs": [200, SPECS] })
    const fault = await faultOf(gatewayKernels({ url: "http://host", fetch }).start("pyhton3"))
    expect(fault).toMatchObject({ code: "no_such_kernel", message: expect.stringMatching(/"pyhton3".*python3, ir/) })
    expect(asked.map((one) => one.method)).toEqual(["GET"])
  })
})

describe("troubles", () => {
  const start = (answers: Parameters<typeof pretending>[0]) =>
    faultOf(
      gatewayKernels({ url: "http://host/?token=s3cret", ...pretending({ "GET /api/kernelspecs": [200, SPECS], ...answers }) }).start("python3"),
    )

  test("with the token say so", async () => {
    for (const status of [401, 403, 302]) {
      const fault = await start({ "GET /api/kernelspecs": [status, { message: "Forbidden" }] })
      expect(fault).toMatchObject({ code: "kernel_start_failed", retry: "never", remedy: expect.stringContaining("token") })
      expect(fault.message).toBe(`The Jupyter server at http://host refused us (${status}): Forbidden.`)
    }
  })

  test("inside the server are told in its words, and may pass", async () => {
    const fault = await start({ "POST /api/kernels": [500, { message: "No space left on device.", reason: null }] })
    expect(fault).toMatchObject({ code: "kernel_start_failed", retry: "later" })
    expect(fault.message).toBe("The Jupyter server at http://host answered 500: No space left on device.")
  })

  test("of meeting something else altogether say that", async () => {
    for (const answer of [
      [200, "<html>hello</html>"],
      [200, {}],
      [404, "nothing"],
      [200, { kernelspecs: [] }],
    ] as const) {
      const fault = await start({ "GET /api/kernelspecs": answer, "POST /api/kernels": [201, {}] })
      expect(fault.message).toMatch(/not a Jupyter server|no kernel named/)
    }
    expect((await start({ "POST /api/kernels": [201, { name: "python3" }] })).message).toMatch(/not a Jupyter server/)
  })

  test("of not reaching it tell how", async () => {
    const closed = await new Promise<number>((resolve) => {
      const server = createServer().listen(0, "127.0.0.1", () => {
        const address = server.address()
        server.close(() => resolve(typeof address === "object" && address ? address.port : 0))
      })
    })
    const refused = await faultOf(gatewayKernels({ url: `http://127.0.0.1:${closed}/?token=s3cret` }).start("python3"))
    expect(refused).toMatchObject({
      code: "kernel_start_failed",
      retry: "later",
      message: `The Jupyter server at http://127.0.0.1:${closed} does not accept connections.`,
    })
    const unknown = await faultOf(gatewayKernels({ url: "http://no-such-host.invalid/" }).list())
    expect(unknown.message).toMatch(/cannot be found|cannot be reached/)
  })

  test("after the kernel was made do not leave it behind", async () => {
    const { fetch, asked } = pretending({
      "GET /api/kernelspecs": [200, SPECS],
      "POST /api/kernels": [201, { id: "k1" }],
      "DELETE /api/kernels/k1": [204, ""],
    })
    const deaf = createServer((_, answer) => answer.writeHead(404).end()).listen(0, "127.0.0.1")
    await new Promise((resolve) => deaf.once("listening", resolve))
    const address = deaf.address()
    const port = typeof address === "object" && address ? address.port : 0
    const fault = await faultOf(gatewayKernels({ url: `http://127.0.0.1:${port}/`, fetch }).start("python3"))
    expect(fault).toMatchObject({ code: "kernel_start_failed", message: expect.stringContaining("WebSocket") })
    expect(asked.at(-1)).toMatchObject({ method: "DELETE" })
    await new Promise((resolve) => deaf.close(resolve))
  })
})

test("a kernel is asked for by name, with the folder and the environment that were given", async () => {
  const { fetch, asked } = pretending({ "GET /api/kernelspecs": [200, SPECS], "POST /api/kernels": [500, {}] })
  await faultOf(gatewayKernels({ url: "http://host", path: "reports", fetch }).start("Python", { env: { KERNEL_USERNAME: "ada" }, cwd: "/home/ada" }))
  expect(asked.at(-1)?.body).toEqual({ name: "python3", path: "reports", env: { KERNEL_USERNAME: "ada" } })
})
