/** The platform as somebody at a terminal meets it: started, used, looked after, backed up, stopped. One platform for all tests, in order. */
import { execFile } from "node:child_process"
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type Desk, desk, until } from "#cli/testing.ts"

const data = mkdtempSync(join(tmpdir(), "stet-data-"))
let it: Desk
let platform: ReturnType<Desk["start"]>
let url = ""

beforeAll(async () => {
  chmodSync(data, 0o755)
  writeFileSync(join(data, "figures.txt"), "forty-two")
  it = desk({ STET_PORT: "0", STET_DATA_FOLDERS: data })
  platform = it.start("start", "--no-open")
  let said = ""
  platform.stdout?.on("data", (bytes) => {
    said += bytes
  })
  url = await until(() => said.includes("Ctrl-C ends it") && /http:\/\/localhost:\d+/.exec(said)?.[0], 120_000)
})
afterAll(async () => {
  platform.kill("SIGINT")
  await platform.said
  it.clear()
  rmSync(data, { recursive: true })
})

test("a second start says that the first one runs, and where", async () => {
  const second = await it.stet("start", "--no-open")
  expect(second).toMatchObject({ code: 0 })
  expect(second.out).toContain("is running already")
  expect(second.out).toContain(url)
})

test.runIf(existsSync("/usr/bin/script"))("a second start opens the first one's address in the browser of whoever sits there", async () => {
  const bin = join(it.folder, "bin")
  const opened = join(it.folder, "opened")
  mkdirSync(bin)
  writeFileSync(join(bin, "xdg-open"), `#!/bin/sh\nprintf %s "$1" > ${opened}.part && mv ${opened}.part ${opened}\n`, { mode: 0o755 })
  const stet = new URL("../../bin/stet.js", import.meta.url).pathname
  const away = { CI: "", SSH_CONNECTION: "", SSH_CLIENT: "", SSH_TTY: "" }
  const env = { ...process.env, ...away, STET_HOME: it.home, DISPLAY: ":0", PATH: `${bin}:${process.env["PATH"]}` }
  // `script` gives it a terminal.
  const { stdout } = await promisify(execFile)("script", ["-qec", `${process.execPath} ${stet} start`, "/dev/null"], { env })
  expect(stdout).toContain("is running already")
  expect(await until(() => existsSync(opened) && readFileSync(opened, "utf8"))).toBe(url)
})

test("a notebook that is put in comes back byte for byte, and its next version beside it", async () => {
  const path = it.notebook(
    "orders.ipynb",
    { cell_type: "code", id: "p", source: "count: int = 2", metadata: { tags: ["parameters"] } } as never,
    "print(count * 21)",
  )
  expect(await it.stet("put", path, "samples/orders.ipynb", "-m", "first")).toMatchObject({ code: 0, out: "samples/orders.ipynb: version 1.\n" })
  expect(await it.stet("put", path, "samples/orders.ipynb")).toMatchObject({ code: 0, out: "samples/orders.ipynb: version 1, unchanged.\n" })
  const next = it.notebook("next.ipynb", "print('next')")
  expect(await it.stet("put", next, "samples/orders.ipynb", "--base", "1")).toMatchObject({ code: 0, out: "samples/orders.ipynb: version 2.\n" })
  const late = await it.stet("put", path, "samples/orders.ipynb", "--base", "1")
  expect([late.code, late.err]).toEqual([2, expect.stringContaining("Version 2 was saved")])
  const back = await it.stet("get", "samples/orders.ipynb@1")
  expect(back.out).toBe(readFileSync(path, "utf8"))
  expect((await it.stet("versions", "samples/orders.ipynb")).out).toMatch(/2 .*\n1 .*first/)
})

test("a run on the server ends with the code of what happened", async () => {
  const run = (...words: string[]) => it.stet("run", "--server", url, ...words)
  const good = await run("samples/orders.ipynb@1", "result.ipynb", "-p", "count", "3", "--log-output", "--key", "once")
  expect([good.code, good.out]).toEqual([0, "63\n"])
  expect(readFileSync(join(it.folder, "result.ipynb"), "utf8")).toContain("63")
  const again = await run("samples/orders.ipynb@1", "-p", "count", "3", "--key", "once", "--no-wait")
  expect(again.out.trim()).toMatch(/^[0-9A-Z]{26}$/)
  const wrong = await run("samples/orders.ipynb@1", "-p", "count", "many", "-p", "cuont", "1")
  expect(wrong.code).toBe(2)
  expect(wrong.err).toMatch(/count should be an integer[\s\S]*cuont is unknown/)
  const failed = await run("samples/failing-check.ipynb", "-q")
  expect([failed.code, failed.err]).toEqual([1, expect.stringContaining("AssertionError")])
  const { out } = await it.stet("runs", "--json")
  const runs = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
  expect(runs.map(({ state }) => state)).toEqual(["failed", "succeeded"])
  expect((await it.stet("log", runs[1].id)).out).toBe("63\n")
  expect((await it.stet("result", runs[1].id, "--html")).out).toContain("<!doctype html>")
  expect((await it.stet("cancel", runs[1].id)).out).toContain("has ended before")
})

test("what the parts log is told with the ids of requests and runs", async () => {
  const { id } = JSON.parse((await it.stet("runs", "--json")).out.trim().split("\n").at(-1) ?? "")
  const logged = (part: string) =>
    readFileSync(join(it.home, "logs", `${part}.log`), "utf8")
      .split("\n")
      .flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []))
  const told = await until(() => {
    const lines = logged("worker").filter(({ runId }) => runId === id)
    return lines.length > 0 && lines
  })
  expect(told.map(({ message }) => message)).toContain(`run ${id}, attempt 1: succeeded`)
  const launched = logged("server").find(({ method, path, runId }) => method === "POST" && path === "/api/v1/runs" && runId === id)
  expect(launched).toMatchObject({ level: "info", status: 201, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/), at: expect.any(String) })
  expect(logged("server").find(({ path }) => path === `/api/v1/runs/${id}`)).toMatchObject({ method: "GET", runId: id })
})

test("a file of this machine is sent to where it runs, and a text that names one there stays text", async () => {
  const source = 'data = "count.csv"  # [file: .csv; max: 1 KB]'
  const path = it.notebook(
    "count.ipynb",
    { cell_type: "code", id: "p", source, metadata: { tags: ["parameters"] } } as never,
    "print(data, open(data).read())",
  )
  it.write("count.csv", "one")
  it.write("my count.csv", "two")
  it.write("count.txt", "three")
  await it.stet("put", "count.csv", "samples/count.csv")
  await it.stet("put", path, "samples/count.ipynb")
  const run = (...words: string[]) => it.stet("run", "--server", url, "samples/count.ipynb", "--log-output", ...words)
  expect(await run("-p", "data", "my count.csv", "--key", "sent")).toMatchObject({ code: 0, out: "given/data/my_count.csv two\n" })
  expect(await run("-p", "data", "./my count.csv", "--key", "sent")).toMatchObject({ code: 0, out: "given/data/my_count.csv two\n" })
  expect(await run("-r", "data", "count.csv")).toMatchObject({ code: 0, out: "count.csv one\n" })
  expect(await run()).toMatchObject({ code: 0, out: "count.csv one\n" })
  const [none, ending] = [await run("-p", "data", "none.csv"), await run("-p", "data", "count.txt")]
  expect([none.code, none.err]).toEqual([2, expect.stringMatching(/There is no file none\.csv for the parameter data: it would be/)])
  expect([ending.code, ending.err]).toEqual([2, expect.stringMatching(/"count\.txt" has another ending/)])
  const proposed = await it.stet("propose", "samples/count.ipynb", "--template", "samples/count", "-m", "First", "--promote")
  expect(proposed.err).toContain("stands for version 1")
  const byName = await it.stet("run", "--template", "samples/count@1", "-p", "data", "my count.csv", "--log-output")
  expect(byName).toMatchObject({ code: 0, out: "given/data/my_count.csv two\n" })
})

test("a list of files of this machine is sent to where it runs, in its order", async () => {
  const path = it.notebook(
    "lists.ipynb",
    { cell_type: "code", id: "p", source: "data: list[str]  # [file: .csv; max: 1 KB]", metadata: { tags: ["parameters"] } } as never,
    "print(*[path + ' ' + open(path).read() for path in data], sep=', ')",
  )
  it.write("b first.csv", "one")
  it.write("a.csv", "two")
  await it.stet("put", path, "samples/lists.ipynb")
  const run = (...words: string[]) => it.stet("run", "--server", url, "samples/lists.ipynb", "--log-output", ...words)
  const out = "given/data/b_first.csv one, given/data/a.csv two\n"
  expect(await run("-p", "data", "b first.csv", "-p", "data", "a.csv")).toMatchObject({ code: 0, out })
  expect(await run("-p", "data", '["b first.csv", "a.csv"]')).toMatchObject({ code: 0, out })
  const wrong = await run("-p", "data", "a.csv", "-p", "data", "none.csv")
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringMatching(/There is no file none\.csv for the parameter data/)])
})

test("what has no value of its own is proposed with one, which its evidence tells, or with a word on what to do", async () => {
  const path = it.notebook(
    "asked.ipynb",
    { cell_type: "code", id: "p", source: "count: int\ndata: str  # [file: .csv]\nof: int = 2", metadata: { tags: ["parameters"] } } as never,
    "print(count, open(data).read())",
  )
  it.write("may.csv", "may")
  await it.stet("put", path, "samples/asked.ipynb")
  const propose = (...words: string[]) => it.stet("propose", "samples/asked.ipynb", "--template", "samples/asked", "--promote", ...words)
  const none = await propose("-p", "data", "may.csv")
  expect([none.code, none.err]).toEqual([2, expect.stringMatching(/no value of its own for count: give one with the proposal/)])
  const other = await propose("-p", "data", "may.csv", "-p", "count", "3", "-p", "of", "9")
  expect([other.code, other.err]).toEqual([2, expect.stringMatching(/Leave of out/)])
  const proposed = await propose("-p", "data", "may.csv", "-p", "count", "3")
  expect([proposed.code, proposed.err]).toEqual([0, "samples/asked stands for version 1 now (promotion 1).\n"])
  const { evidence } = JSON.parse((await it.stet("evidence", "samples/asked")).out)
  expect(JSON.parse(evidence).checks).toMatchObject([
    { kind: "rerun", parameters: { count: 3, data: expect.stringMatching(/^upload:/) }, files: [{ parameter: "data", name: "may.csv" }] },
  ])
})

test("a notebook becomes a template from a terminal, is run by name, and its evidence is checked without the server", async () => {
  const path = it.notebook(
    "weekly.ipynb",
    { cell_type: "code", id: "p", source: "count: int = 2", metadata: { tags: ["parameters"] } } as never,
    "def later():\n    import json, stet_is_not_there",
    "print(count * 21)",
  )
  await it.stet("put", path, "samples/weekly.ipynb")
  const proposed = await it.stet("propose", "samples/weekly.ipynb", "--template", "samples/weekly", "-m", "First", "--promote")
  expect([proposed.code, proposed.err]).toEqual([0, "samples/weekly stands for version 1 now (promotion 1).\n"])
  expect(proposed.out).toMatch(/^rerun +passed[\s\S]*^approvals +passed +Not reviewed/m)
  expect((await it.stet("templates")).out).toMatch(/samples\/weekly +1 .* no /)
  const run = await it.stet("run", "--template", "samples/weekly", "-p", "count", "3", "--log-output")
  expect([run.code, run.out]).toEqual([0, "63\n"])
  expect((await it.stet("run", "--template", "samples/weekly@7", "-q")).code).toBe(2)

  const fetched = await it.stet("evidence", "samples/weekly", "--output", "evidence.json")
  const fingerprint = /Fingerprint of the key: ([0-9a-f]{64})/.exec(fetched.err)?.[1] ?? ""
  const verify = (...words: string[]) => it.stet("verify", "evidence.json", ...words)
  const good = await verify("--fingerprint", fingerprint, "--notebook", path)
  expect([good.code, good.out]).toEqual([0, expect.stringContaining("the notebook is that one")])
  it.write("other.ipynb", "{}")
  expect((await verify("--fingerprint", fingerprint, "--notebook", "other.ipynb")).code).toBe(1)
  expect((await verify("--fingerprint", "0".repeat(64))).err).toContain("another key")
  expect((await verify()).code).toBe(2)
  expect((await it.stet("verify", "other.ipynb", "--fingerprint", fingerprint)).err).toContain("no evidence of a promotion")

  // The key is rotated under the server that runs: what was signed before and after is believed by either fingerprint.
  expect((await it.stet("evidence", "samples/weekly@1", "--export", ".")).code).toBe(0)
  const rotated = JSON.parse((await it.stet("keys", "rotate", "--json")).out)
  expect([rotated.before[0].fingerprint, rotated.fingerprint === fingerprint]).toEqual([fingerprint, false])
  await it.stet("propose", "samples/weekly.ipynb", "--template", "samples/weekly-again", "--promote")
  expect((await it.stet("evidence", "samples/weekly-again@1", "--export", ".")).err).toContain(rotated.fingerprint)
  const read = (name: string) => readFileSync(join(it.folder, name), "utf8")
  // The worker has long learnt what its environment can import.
  expect(read("samples+weekly-again@1.evidence.json").match(/The environment has no `\w+`/g)).toEqual(["The environment has no `stet_is_not_there`"])
  const offline = (template: string, print: string) => it.stet("verify", template, "--fingerprint", print)
  for (const print of [fingerprint, rotated.fingerprint])
    expect((await offline("samples/weekly-again@1", print)).out).toContain("the notebook is that one")
  expect((await offline("samples/weekly@1", fingerprint)).code).toBe(0)
  // What was exported before knows nothing of the rotation; fetched again, it does.
  expect((await offline("samples/weekly@1", rotated.fingerprint)).code).toBe(1)
  await it.stet("evidence", "samples/weekly@1", "--export", ".")
  expect((await offline("samples/weekly@1", rotated.fingerprint)).code).toBe(0)
  it.write("samples+other@1.evidence.json", read("samples+weekly@1.evidence.json"))
  it.write("samples+other@1.ipynb", read("samples+weekly@1.ipynb"))
  expect((await offline("samples/other@1", fingerprint)).err).toContain("the evidence of samples/weekly@1")
  it.write("samples+weekly@1.ipynb", `${read("samples+weekly@1.ipynb")} `)
  expect((await offline("samples/weekly@1", fingerprint)).err).toContain("not the one that was promoted")
  const given = JSON.parse((await it.stet("keys", "rotate", "--compromised", "--json")).out)
  await it.stet("evidence", "samples/weekly-again@1", "--export", ".")
  expect((await offline("samples/weekly-again@1", given.fingerprint)).code).toBe(1)
  expect((await it.stet("keys", "list")).out.match(/not to be trusted/g)).toHaveLength(1)
}, 240_000)

test("test cases go to a server and come back, and run there, also on an earlier version", async () => {
  const code = (id: string, source: string, tags: string[] = []) => ({ cell_type: "code", id, source, metadata: { tags } }) as never
  const path = it.notebook(
    "tested.ipynb",
    code("p", "count: int = 2", ["parameters"]),
    code("load", "raise OSError('no network')"),
    code("out", "print(count * rate)"),
  )
  const text =
    "# Kept.\ntests:\n  - name: three\n    parameters: {count: 3}\n    mocks: [{cell: load, source: rate = 7}]\n    checks: [{check: output_equals, cell: out, text: '21'}]\n"
  await it.stet("put", path, "samples/tested.ipynb")
  expect((await it.stet("put", it.write("tested.stet.yaml", text), "samples/tested.stet.yaml")).out).toBe("samples/tested.ipynb: one test case.\n")
  expect((await it.stet("get", "samples/tested.stet.yaml")).out).toBe(text)
  const bad = await it.stet("put", it.write("bad.stet.yaml", "tests: [{nam: a}]"), "samples/tested.stet.yaml")
  expect([bad.code, bad.err]).toEqual([2, expect.stringContaining('tested.stet.yaml:1: there is no "nam" here: did you mean name?')])
  const good = await it.stet("test", "--server", url, "samples/tested.ipynb", "--junit", "server.xml")
  expect([good.code, good.out]).toEqual([0, expect.stringMatching(/^✓ samples\/tested\.ipynb › three \(.*, one cell mocked\)\n1 passed in/)])
  expect(readFileSync(join(it.folder, "server.xml"), "utf8")).toContain('tests="1" failures="0"')
  await it.stet(
    "put",
    it.notebook("changed.ipynb", code("p", "count: int = 2", ["parameters"]), code("load", ""), code("out", "print(count)")),
    "samples/tested.ipynb",
  )
  const [newest, first] = [
    await it.stet("test", "--server", url, "samples/tested.ipynb"),
    await it.stet("test", "--server", url, "samples/tested.ipynb@1", "--tap"),
  ]
  expect([newest.code, newest.out]).toEqual([1, expect.stringContaining('The output of the cell out was to be "21", and is "3".')])
  expect([first.code, first.out]).toEqual([0, "TAP version 14\n1..1\nok 1 - samples/tested.ipynb@1 › three\n"])
  expect((await it.stet("test", "--server", url, "samples/orders.ipynb")).err).toContain("has no test cases")
}, 120_000)

test("tests that begin on their own wait for a yes where they would change something outside; it is said or not from a terminal", async () => {
  const put = (sends: string) => it.stet("put", it.notebook("sends.ipynb", `import os\nos.system('touch ${sends}')`), "samples/sends.ipynb")
  await put("one")
  await it.stet("put", it.write("sends.stet.yaml", "tests: [{name: sends}]"), "samples/sends.stet.yaml")
  const propose = ["propose", "samples/sends.ipynb", "--template", "samples/sends", "--promote"]
  expect((await it.stet(...propose)).err).toContain("os.system (process)")
  expect((await it.stet(...propose, "--yes")).err).toContain("stands for version 1")
  const answer = (...words: string[]) => it.stet("test", "--server", url, "samples/sends.ipynb", "--waiting", ...words)
  const waits = async () => {
    for (let turn = 0; turn < 60; turn++) {
      const said = await answer("--json")
      if (said.code === 2) return said.err
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    throw new Error("nothing waits for a yes")
  }
  await put("two")
  expect(await waits()).toMatch(/cell 1 +os\.system \(process\)\n[\s\S]*Say so with --yes/)
  const left = await answer("--leave")
  expect([left.code, left.err]).toEqual([0, "samples/sends.ipynb: the tests of version 2 were left, and do not run.\n"])
  expect((await answer()).err).toBe("samples/sends.ipynb: no test run waits for a yes.\n")
  await put("three")
  await waits()
  const yes = await answer("--yes")
  expect([yes.code, yes.out]).toEqual([0, expect.stringMatching(/^✓ samples\/sends\.ipynb › sends/)])
  expect((await it.stet("test", "samples/sends.ipynb", "--leave")).err).toContain("give --waiting, too")
}, 120_000)

test("a run is cancelled from another terminal", async () => {
  const path = it.notebook("slow.ipynb", "import time\nprint('begun', flush=True)\ntime.sleep(60)")
  await it.stet("put", path, "samples/slow.ipynb")
  const running = it.start("run", "--server", url, "samples/slow.ipynb", "-q")
  const id = await untilRunning("slow")
  expect((await it.stet("cancel", id, "--reason", "enough", "--grace", "1")).code).toBe(0)
  expect((await running.said).code).toBe(4)
})

async function untilRunning(name: string): Promise<string> {
  for (;;) {
    const { out } = await it.stet("runs", "--state", "running", "--notebook", `samples/${name}.ipynb`, "--json")
    if (out !== "") return JSON.parse(out.split("\n")[0]!).id
    await new Promise((next) => setTimeout(next, 300))
  }
}

test("--server alone is the one that runs here, and takes no notebook for its address", async () => {
  const quiet = ["-p", "count", "3", "--log-output", "-q"]
  expect(await it.stet("run", "--server", "samples/orders.ipynb@1", ...quiet)).toMatchObject({ code: 0, out: "63\n" })
  expect(await it.stet("run", "samples/orders.ipynb@1", ...quiet, "--server")).toMatchObject({ code: 0, out: "63\n" })
  expect((await it.stet("test", "--server", "samples/tested.ipynb@1")).out).toContain("1 passed")
  expect(await it.stet("run", "--server", "localhost:7838", "samples/orders.ipynb")).toMatchObject({
    code: 2,
    err: expect.stringContaining('"localhost:7838" is not the address of a server'),
  })
  const elsewhere = desk({ STET_SERVER: "" })
  expect(await elsewhere.stet("run", "--server", "samples/orders.ipynb")).toMatchObject({
    code: 2,
    err: expect.stringContaining("no server is named, and none runs on this Stet home"),
  })
  elsewhere.clear()
})

test("a space is made and shared from a terminal", async () => {
  expect(await it.stet("space", "create", "sales", "--title", "Sales reports")).toMatchObject({
    code: 0,
    out: `sales is made: ${url}/spaces/sales\n`,
  })
  const again = await it.stet("space", "create", "sales")
  expect([again.code, again.err]).toEqual([2, expect.stringContaining('There is a space "sales" already')])
  expect((await it.stet("space", "create", "a/b")).err).toContain("The name of a space has no '/'")
  expect((await it.stet("space", "list")).out).toMatch(/^SPACE +YOUR ROLE +MADE +TITLE\nsales +admin +.* ago +Sales reports$/m)
  const listed = (await it.stet("space", "list", "--json")).out.trim().split("\n")
  expect(listed.map((line) => JSON.parse(line).name)).toEqual(["sales", "samples"])

  const token = readFileSync(join(it.home, "run", "token"), "utf8").trim()
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" }
  const make = (path: string, body: object) => fetch(`${url}/api/v1/${path}`, { method: "POST", headers, body: JSON.stringify(body) })
  expect((await make("people", { name: "Nightly" })).status).toBe(201)
  expect((await make("groups", { name: "Analysts" })).status).toBe(201)
  expect((await it.stet("space", "grant", "sales", "--person", "Nightly", "--role", "runner")).out).toBe("Nightly is runner in sales.\n")
  expect((await it.stet("space", "grant", "sales", "--person", "Nightly", "--role", "editor")).out).toBe("Nightly is editor in sales.\n")
  expect((await it.stet("space", "grant", "sales", "--group", "Analysts", "--role", "viewer", "--json")).out).toContain('"role":"viewer"')
  expect((await it.stet("space", "roles", "sales")).out).toMatch(/Nightly +person +editor[\s\S]*Analysts +group +viewer/)
  expect((await it.stet("space", "revoke", "sales", "--person", "Nightly")).out).toBe("Nightly is not editor in sales any more.\n")
  expect((await it.stet("space", "roles", "sales")).out).not.toContain("Nightly")

  const wrong = async (...words: string[]) => {
    const { code, err } = await it.stet("space", ...words)
    expect(code).toBe(2)
    return err
  }
  expect(await wrong("revoke", "sales", "--person", "Nightly")).toContain("Nightly has no role of their own in sales")
  expect(await wrong("grant", "sales", "--person", "Nihgtly", "--role", "viewer")).toMatch(/nobody is called "Nihgtly"/)
  expect(await wrong("grant", "sales", "--group", "Analyts", "--role", "viewer")).toContain("Did you mean: Analysts")
  expect(await wrong("grant", "sales", "--person", "Nightly", "--role", "owner")).toContain("not one of")
  expect(await wrong("grant", "sales", "--person", "Nightly")).toContain("which role is meant")
  expect(await wrong("grant", "sales", "--role", "viewer")).toContain("it takes one person or one group")
  expect(await wrong("roles", "nowhere")).toContain("stet space create NAME")
  expect(await wrong("create")).toContain("stet space create NAME")
  expect(await wrong("lsit")).toContain("Did you mean: stet space list")
}, 120_000)

test("a token is revoked from a terminal, and whoever comes with it is told", async () => {
  const { out } = await it.stet("sign-in-link", "admin")
  const code = decodeURIComponent(new URL(out.trim()).searchParams.get("link") ?? "")
  const enter = (path: string, body: object, cookie = "") =>
    fetch(`${url}/api/v1/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: url, ...(cookie ? { cookie } : {}) },
      body: JSON.stringify(body),
    })
  const entered = await enter("sign-in/link", { kind: "sign_in", link: code })
  const cookie = entered.headers
    .getSetCookie()
    .map((one) => one.split(";")[0])
    .join("; ")
  const made = (await (await enter("tokens", { name: "nightly", scopes: ["read"] }, cookie)).json()) as { token: string }
  const tokenFile = it.write("nightly.token", made.token)
  expect((await it.stet("notebooks", "--token-file", tokenFile)).code).toBe(0)
  expect((await it.stet("token", "list")).out).toMatch(/nightly +read +until \d{4}-\d\d-\d\d/)
  expect(await it.stet("token", "revoke", "nightly")).toMatchObject({ code: 0, out: "nightly works no more.\n" })
  expect((await it.stet("token", "list")).out).toMatch(/nightly +read +revoked/)
  const late = await it.stet("notebooks", "--token-file", tokenFile)
  expect([late.code, late.err]).toEqual([2, expect.stringMatching(/The token is no good here: it was revoked[\s\S]*under Settings, API tokens/)])
  expect((await it.stet("token", "revoke", "nightly")).err).toContain('there is no token "nightly" that still works')
  expect((await it.stet("token", "lits")).err).toContain("Did you mean: stet token list")
}, 120_000)

test("what is wrong is one sentence with the remedy", async () => {
  const nowhere = await it.stet("get", "samples/none.ipynb")
  expect([nowhere.code, nowhere.err]).toEqual([2, expect.stringMatching(/no notebook|not there/i)])
  expect(await it.stet("notebooks", "--server", "http://localhost:9")).toMatchObject({ code: 3, err: expect.stringContaining("no answer") })
  expect(await it.stet("notebooks", "--server", "ftp://x")).toMatchObject({ code: 2, err: expect.stringContaining("not the address of a server") })
  expect(await it.stet("put", "orders.ipynb", "nowhere")).toMatchObject({ code: 2, err: expect.stringContaining("names no place") })
})

test("a run reads the data folders of its machine", async () => {
  const reads = it.notebook("reads.ipynb", `print(open(${JSON.stringify(join(data, "figures.txt"))}).read())`)
  expect(await it.stet("put", reads, "samples/reads.ipynb")).toMatchObject({ code: 0 })
  expect(await it.stet("run", "--server", url, "samples/reads.ipynb", "--log-output", "-q")).toMatchObject({ code: 0, out: "forty-two\n" })
})

test("an export comes back as it went out", async () => {
  expect((await it.stet("export", "samples", "samples.zip")).code).toBe(0)
  const tried = await it.stet("import", "samples.zip", "samples")
  expect(tried.code).toBe(0)
  expect(tried.out).not.toMatch(/^imported/m)
})

test("an import says what a notebook names above it", async () => {
  it.write("cut/report.ipynb", readFileSync(it.notebook("reaches.ipynb", "open('../elsewhere.csv')"), "utf8"))
  const { code, err } = await it.stet("import", "cut", "samples/cut", "--dry-run")
  expect([code, err]).toEqual([
    0,
    expect.stringContaining("report.ipynb names ../elsewhere.csv, above what was taken in, and the space does not have it.\n"),
  ])
})

test("the doctor finds nothing, the chain is whole, every byte is what it was", async () => {
  const health = JSON.parse((await it.stet("doctor", "--deep", "--json")).out)
  expect(health.checks.filter(({ state }: { state: string }) => state === "failed")).toEqual([])
  expect((await it.stet("audit", "verify")).out).toContain("the chain is whole")
  expect((await it.stet("scrub")).code).toBe(0)
  expect((await it.stet("sign-in-link", "admin")).out).toMatch(/sign-in\?link=/)
})

test("a backup taken meanwhile is restored into another home, where everything is the same", async () => {
  const before = (await it.stet("notebooks", "--json")).out
  expect(await it.stet("backup", "backup")).toMatchObject({ code: 0 })
  expect((await it.stet("backup", "backup")).err).toContain("is not empty")
  expect((await it.stet("restore", "--verify", "backup")).out).toContain("Verified")
  expect((await it.stet("restore", "backup")).err).toContain("is running")
  cpSync(join(it.folder, "backup"), join(it.folder, "lacking"), { recursive: true })
  const blobs = readdirSync(join(it.folder, "lacking", "blobs"), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const [blob] = blobs.map((entry) => join(entry.parentPath, entry.name))
  const verify = () => it.stet("restore", "--verify", "lacking")
  writeFileSync(blob!, "something else")
  expect(await verify()).toMatchObject({
    code: 3,
    err: expect.stringMatching(/The backup is damaged: the blob [0-9a-f]{64} is no longer what it was/),
  })
  rmSync(blob!)
  expect(await verify()).toMatchObject({
    code: 3,
    err: expect.stringMatching(/The backup is damaged: of its blobs one is not there, such as [0-9a-f]{64}/),
  })
  const other = desk({ STET_PORT: "0" })
  const restored = await other.stet("restore", join(it.folder, "backup"))
  expect([restored.code, restored.err]).toEqual([0, expect.stringContaining("versions verified")])
  const again = other.start("start", "--no-open")
  let said = ""
  again.stdout?.on("data", (bytes) => {
    said += bytes
  })
  await until(() => said.includes("Ctrl-C ends it"), 120_000)
  const paths = (text: string) =>
    text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
      .map(({ path, latest, id }) => ({ path, latest, id }))
  expect(paths((await other.stet("notebooks", "--json")).out)).toEqual(paths(before))
  expect((await other.stet("get", "samples/orders.ipynb@1")).out).toBe((await it.stet("get", "samples/orders.ipynb@1")).out)
  again.kill("SIGINT")
  await again.said
  other.clear()
}, 240_000)
