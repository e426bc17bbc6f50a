/** What there is on the machine, asked of real interpreters. Nothing in this file needs a package index. */
import { execFileSync } from "node:child_process"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { isFault } from "#base/fault.ts"
import { makeNamed, resolveEnvironment } from "#environment/index.ts"
import type { InstalledKernel } from "#environment/ports.ts"
import { notebookOf, type Workshop, workshop } from "#environment/testing.ts"
import { readToml } from "#environment/toml.ts"
import { testPython } from "#kernel/testing.ts"

const present = (process.env["STET_TEST_KERNELS"] ?? "").split(",")
let shop: Workshop
beforeAll(async () => {
  shop = await workshop()
})
afterAll(() => shop?.close())

async function captured(kernel: string, language: string) {
  const outcome = await resolveEnvironment(shop.world, { notebook: { metadata: { kernelspec: { name: kernel, language } }, cells: [] } })
  if (!outcome.ok) throw new Error(outcome.refusal.message)
  const manifest = await shop.world.machine.read(outcome.value.sha256)
  return { ...outcome.value, what: manifest!.what }
}

test("a Python kernel is described by what its interpreter can import", async () => {
  const { what, kind, name, launch } = await captured("python3", "python")
  expect({ kind, name, launch }).toEqual({ kind: "captured", name: "python3", launch: { jupyterPath: undefined, prefix: undefined } })
  expect(what.interpreter.version).toMatch(/^3\.\d+\.\d+/)
  const told = execFileSync(testPython() ?? "python3", ["-c", "import importlib.metadata as m; print(m.version('ipykernel'))"], {
    encoding: "utf8",
  }).trim()
  expect(what.packages.find(({ name: each }) => each === "ipykernel")?.version).toBe(told)
  expect(what.kernel.argv.join(" ")).not.toContain("/root")
})

test("the second run pays nothing for it", async () => {
  await captured("python3", "python")
  const startedAt = performance.now()
  for (let i = 0; i < 10; i++) await captured("python3", "python")
  expect((performance.now() - startedAt) / 10).toBeLessThan(50)
})

test.runIf(present.includes("ir"))("an R kernel is described by its installed packages", async () => {
  const { what } = await captured("ir", "R")
  expect(what.interpreter).toMatchObject({ name: "R", version: expect.stringMatching(/^\d+\.\d+\.\d+$/) })
  expect(what.packages.map(({ name }) => name)).toEqual(expect.arrayContaining(["IRkernel", "base"]))
})

test.runIf(present.includes("deno"))("any other kernel by the version of its program", async () => {
  const { what } = await captured("deno", "typescript")
  expect(what).toMatchObject({ interpreter: { name: "deno", version: expect.stringMatching(/^\d+\.\d+/) }, packages: [] })
})

test.runIf(present.includes("bash"))("a kernel written in Python by that Python", async () => {
  const { what } = await captured("bash", "bash")
  expect(what.packages.map(({ name }) => name)).toContain("bash-kernel")
})

test("what is installed meanwhile is seen, and a captured environment that is no more is refused with what changed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "stet-capture-"))
  try {
    const base = (await shop.world.machine.interpreters())[0]!
    execFileSync(base.python, ["-m", "venv", "--without-pip", join(folder, "venv")])
    const packages = join(folder, "venv", "lib", `python${base.version.split(".").slice(0, 2).join(".")}`, "site-packages")
    const install = async (name: string, version: string) => {
      await mkdir(join(packages, `${name}-${version}.dist-info`))
      await writeFile(join(packages, `${name}-${version}.dist-info`, "METADATA"), `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`)
      // Times of the same millisecond as the question are not trusted.
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await install("thing", "1.0")
    const kernel: InstalledKernel = {
      name: "own",
      displayName: "Own",
      language: "python",
      argv: [join(folder, "venv", "bin", "python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
      interruptMode: "signal",
      resourceDir: "",
    }
    const world = { ...shop.world, kernels: async () => [kernel] }
    const resolve = (asked: string) => resolveEnvironment(world, { notebook: notebookOf([]), asked })
    const first = await resolve("own")
    const pinned = first.ok ? first.value.sha256 : ""
    expect(await resolve(pinned)).toMatchObject({ ok: true, value: { sha256: pinned, kind: "captured" } })
    await rm(join(packages, "thing-1.0.dist-info"), { recursive: true })
    await install("thing", "2.0")
    const second = await resolve("own")
    expect(second).toMatchObject({ ok: true })
    expect(second.ok && second.value.sha256).not.toBe(pinned)
    expect(await resolve(pinned)).toMatchObject({
      ok: false,
      refusal: { refused: "environment_unusable", message: expect.stringMatching(/only captured.*has changed: thing 1\.0 → 2\.0\.$/) },
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test("an interpreter that cannot be asked is a fault that names it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "stet-capture-"))
  const python = join(folder, "python3")
  await writeFile(python, "#!/bin/sh\necho it is broken >&2\nexit 3\n", { mode: 0o755 })
  const kernel = { name: "broken", displayName: "", language: "python", argv: [python], interruptMode: "signal", resourceDir: "" } as const
  const fault = await shop.world.machine.capture(kernel).catch((error: unknown) => error)
  expect(isFault(fault) && fault).toMatchObject({ code: "kernel_start_failed", message: expect.stringContaining("it is broken") })
  await rm(folder, { recursive: true })
})

test.each([
  ["nope", {}, /There is no environment "nope"; there are/],
  ["f".repeat(64), {}, /There is no environment with the digest ffffffffffff/],
  ["", { kernelspec: { name: "cobol", language: "cobol" } }, /asks for the kernel "cobol", and this machine has .*python3/],
  ["python3", { language_info: { name: "julia" }, kernelspec: {} }, /runs python, and the notebook is in julia/],
  ["", { stet: { requirements: ["six"], requiresPython: ">=9" } }, /needs Python >=9, and this machine has CPython 3/],
  ["", { stet: { requirements: ["-e ."] } }, /option of pip/],
])("asked %j of a notebook with %j: one sentence names the cause", async (asked, metadata, message) => {
  const outcome = await resolveEnvironment(shop.world, { notebook: notebookOf([], metadata), asked })
  expect(outcome.ok ? "resolved" : outcome.refusal.message).toMatch(message)
})

test("a default of the space that is for another language leaves the notebook its own kernel", async () => {
  const python = await captured("python3", "python")
  const outcome = await resolveEnvironment(shop.world, {
    notebook: { metadata: { kernelspec: { name: "deno", language: "typescript" } }, cells: [] },
    spaceDefault: python.sha256,
  })
  expect(outcome).toMatchObject(
    present.includes("deno") ? { ok: true, value: { kernelName: "deno" } } : { ok: false, refusal: { message: expect.stringContaining("deno") } },
  )
})

test("an index that cannot be reached is a fault that passes, and a name that cannot be one is refused before anything is done", async () => {
  const env = {
    UV_DEFAULT_INDEX: "http://127.0.0.1:9/simple",
    PIP_INDEX_URL: "http://127.0.0.1:9/simple",
    UV_FIND_LINKS: "",
    PIP_FIND_LINKS: "",
    UV_HTTP_RETRIES: "0",
    PIP_RETRIES: "0",
    UV_NO_CACHE: "1",
  }
  const offline = await workshop({ env })
  const making = { requirements: ["six"], python: "" }
  const fault = await makeNamed(offline.world, { ...making, name: "x" }).catch((error: unknown) => error)
  expect(isFault(fault) && fault).toMatchObject({
    code: "index_unreachable",
    retry: "later",
    message: expect.stringMatching(/the package index cannot be reached/),
  })
  expect(await makeNamed(offline.world, { ...making, name: "../x" })).toMatchObject({ ok: false, refusal: { refused: "bad_requirements" } })
  await offline.close()
})

test.runIf(process.getuid?.() === 0)("a full disk is a fault that names the place, and leaves nothing", async () => {
  const home = await mkdtemp(join(tmpdir(), "stet-full-"))
  try {
    execFileSync("/bin/sh", ["-c", 'mount -t tmpfs -o size=256k stet-full "$1"', "sh", home], { stdio: "ignore" })
  } catch {
    return void (await rm(home, { recursive: true }))
  }
  try {
    const full = await workshop({ home })
    await writeFile(join(home, "filler"), Buffer.alloc(200 * 1024))
    const [interpreter] = await full.world.machine.interpreters()
    const manifest = { sha256: "a".repeat(64), what: (await captured("python3", "python")).what, requirements: [], madeAt: 0 }
    const fault = await full.world.machine.build(manifest, { interpreter: interpreter!, mayCompile: false }).catch((error: unknown) => error)
    expect(isFault(fault) && fault).toMatchObject({ code: "disk_full", retry: "later", remedy: expect.stringContaining("Free about 1 GB") })
    await full.close()
  } finally {
    execFileSync("/bin/sh", ["-c", 'umount -l "$1"', "sh", home])
    await rm(home, { recursive: true })
  }
})

test("Python's own reader of TOML agrees about what is TOML", () => {
  const texts = [
    "a = 1", "a = 01", "a = [1,]", "a = {b = 1}", "a = {b = 1,}", 'a = "x', "a = 'x'", "[a]\n[a]", "[a.b]\n[a]", "[[a]]\n[a]", "a.b = 1\na.c = 2", "a = 1\na.b = 2",
    "a = 1979-05-27", "a = 07:32:00", "a = 1e5", "a = 1_0", "a = 1__0", "a = +inf", "a = 0xg", 'a = """\nx"""', "a = '''x''''", "a = tru", "\"\" = 1", "a. b = 1", "a = 1 # c",
    "[a]b = 1", "= 1", "a == 1", "a = {b = 1\n}", "[a.b.c]\n[a]\n[a.b]", "[a]\nb.c = 1\n[a.b]", "a = \"\\x\"", "a = '\t'", "a = '\u0001'", "# \u0001",
  ] // biome-ignore format: a table of texts
  const ask =
    "import json, sys\ntry:\n    import tomllib\nexcept ImportError:\n    print('null'); sys.exit()\ndef ok(t):\n    try:\n        tomllib.loads(t); return True\n    except tomllib.TOMLDecodeError:\n        return False\nprint(json.dumps([ok(t) for t in json.loads(sys.argv[1])]))"
  const theirs = JSON.parse(execFileSync(testPython() ?? "python3", ["-c", ask, JSON.stringify(texts)], { encoding: "utf8" })) as boolean[] | null
  if (theirs === null) return
  expect(texts.map((text) => [text, readToml(text).ok])).toEqual(texts.map((text, i) => [text, theirs[i]]))
})
