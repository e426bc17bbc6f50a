/** `stet attach` with a real Jupyter client: what a console on this machine finds when it connects to a run that was opened live. */
import { spawn } from "node:child_process"
import { existsSync, statSync } from "node:fs"
import type { AddressInfo } from "node:net"
import { dirname } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type ApiTest, apiTest, ipynb, type Someone } from "#api/testing.ts"
import { type Desk, desk, until } from "#cli/testing.ts"
import { localKernels } from "#kernel/adapters/local.ts"
import type { Kernels } from "#kernel/index.ts"
import type { Link } from "#work/index.ts"
import { type Hosted, hostSessions, linkOf } from "#work/session.testing.ts"

const WHAT = { kind: "captured", kernel: { name: "python3", argv: [] }, interpreter: {}, platform: {}, packages: [] }
const MACHINE = { read: async (sha256: string) => ({ sha256, what: WHAT }), capture: async () => WHAT, sha256: () => "e".repeat(64) }
const PYTHON3 = { name: "python3", displayName: "Python 3", language: "python", argv: [], interruptMode: "signal", resourceDir: "" }

/** What somebody does at a console, as one JSON line. */
const CONSOLE = `
import json, sys, threading, time
from jupyter_client import BlockingKernelClient
client = BlockingKernelClient(connection_file=sys.argv[1])
client.load_connection_file()
client.start_channels()
client.wait_for_ready(timeout=60)

def run(code):
    said = []
    def shown(message):
        content = message["content"]
        kind = message["msg_type"]
        if kind == "stream": said.append([content["name"], content["text"]])
        elif kind == "execute_result": said.append(["result", content["data"]["text/plain"]])
        elif kind == "error": said.append(["error", content["ename"]])
    def asked(message): client.input("Zoe")
    reply = client.execute_interactive(code, output_hook=shown, stdin_hook=asked, allow_stdin=True, timeout=60)
    return [reply["content"]["status"], said]

def asks(send): return client._recv_reply(send, timeout=30)["content"]

def interrupted():
    time.sleep(1.5)
    client.control_channel.send(client.session.msg("interrupt_request", {}))

all = {
    "language": asks(client.kernel_info())["language_info"]["name"],
    "total": run("total"),
    "printed": run("for i in range(3): print('line', i)"),
    "raised": run("1 / 0"),
    "answered": run("print('hello', input('Who? '))"),
    "completed": asks(client.complete("tota"))["matches"][:1],
    "whole": [asks(client.is_complete("for i in x:"))["status"], asks(client.is_complete("1"))["status"]],
    "inspected": asks(client.inspect("total"))["found"],
}
threading.Thread(target=interrupted).start()
all["interrupted"] = run("import time\\nfor i in range(600): time.sleep(.1)")
all["after"] = run("total + 1")
print(json.dumps(all))
`

let api: ApiTest
let hosted: Hosted
let link: Link
let kernels: Kernels
let edith: Someone
let it: Desk
let url = ""

beforeAll(async () => {
  kernels = localKernels()
  api = await apiTest({ hosts: "any" }, (world) => ({
    ...world,
    environment: { ...world.environment, machine: MACHINE as never, kernels: async () => [PYTHON3 as never] },
    link: { session: (id) => link.session(id), letGo: (kept) => link.letGo(kept), close: async () => undefined },
  }))
  hosted = await hostSessions(api.platform, { kernels })
  link = await linkOf(api.platform.world)
  await api.server.listen({ host: "127.0.0.1", port: 0 })
  url = `http://127.0.0.1:${(api.server.server.address() as AddressInfo).port}`
  edith = await api.withToken(await api.someone("Edith", "editor"), "read", "run", "edit")
  it = desk({ STET_TOKEN: edith.token ?? "", STET_SERVER: url })
})
afterAll(async () => {
  it.clear()
  await link.close()
  await hosted.stop()
  await kernels.close()
  await api.close()
})

async function failed(path: string, sources: readonly string[], launch: object = {}): Promise<string> {
  const made = await api.ask("POST", `/api/v1/notebooks?space=team&path=${path}`, { as: edith, bytes: ipynb(...sources) })
  const run = (await api.ask("POST", "/api/v1/runs", { as: edith, json: { notebook: made.json.notebook.id, ...launch } })).json.id
  await api.platform.until(run, "failed", 60_000)
  return run
}

/** What a stream has said so far. */
function textOf(stream: NodeJS.ReadableStream | null): () => string {
  const parts: string[] = []
  stream?.on("data", (bytes) => parts.push(String(bytes)))
  return () => parts.join("")
}

async function python(script: string, ...words: readonly string[]): Promise<{ readonly out: string; readonly err: string }> {
  const child = spawn(process.env["STET_TEST_PYTHON"] ?? "python3", ["-c", script, ...words])
  const [out, err] = [textOf(child.stdout), textOf(child.stderr)]
  await new Promise((resolve) => child.on("close", resolve))
  return { out: out(), err: err() }
}

test("a Jupyter client runs, asks, completes and interrupts in the kernel that was brought to the failing cell", async () => {
  const run = await failed("console.ipynb", ["# parameters\ncount = 1", "total = count * 10", "1 / 0"], { parameters: { count: 4 } })
  const attached = it.start("attach", run, "--json")
  const [said, told] = [textOf(attached.stdout), textOf(attached.stderr)]
  const { connectionFile, notebook } = JSON.parse(await until(() => said().includes("\n") && said(), 60_000))
  expect(told()).toContain("3 of 3 cells are run again")
  expect(statSync(connectionFile).mode & 0o777).toBe(0o600)
  expect(statSync(dirname(connectionFile)).mode & 0o777).toBe(0o700)
  const { out, err } = await python(CONSOLE, connectionFile)
  expect(err).toBe("")
  expect(JSON.parse(out)).toEqual({
    language: "python",
    total: ["ok", [["result", "40"]]],
    printed: ["ok", expect.arrayContaining([["stdout", expect.stringContaining("line 0\n")]])],
    raised: ["error", [["error", "ZeroDivisionError"]]],
    answered: ["ok", expect.arrayContaining([["stdout", "hello Zoe\n"]])],
    completed: ["total"],
    whole: ["incomplete", "complete"],
    inspected: true,
    interrupted: ["error", [["error", "KeyboardInterrupt"]]],
    after: ["ok", [["result", "41"]]],
  })
  attached.kill("SIGINT")
  expect((await attached.said).code).toBe(0)
  expect(existsSync(connectionFile)).toBe(false)
  const sessions = await api.ask("GET", "/api/v1/live-sessions", { as: edith })
  expect(sessions.json.items.map((one: { notebook: { id: string } }) => one.notebook.id)).toContain(notebook)
})

test("cells that write need a yes, and without one nothing is opened", async () => {
  const run = await failed("writes.ipynb", ["open('out.txt', 'w').write('x')", "1 / 0"])
  const asked = await it.stet("attach", run)
  expect([asked.code, asked.out]).toEqual([2, ""])
  expect(asked.err).toContain("Cell 1 is run again, and writes (file): open")
  const listed = await api.ask("GET", "/api/v1/notebooks?space=team&limit=200", { as: edith })
  expect(listed.json.items.map(({ path }: { path: string }) => path)).not.toContain("writes live.ipynb")
  expect((await it.stet("attach", "01ARZ3NDEKTSV4RRFFQ69G5FAV")).code).toBe(2)
})
