/** Builds real environments. Everything in this file needs a package index. */
import { mkdir, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { freshDatabase } from "#database/testing.ts"
import { sitePackages } from "#environment/adapters/seal.ts"
import {
  type Built,
  buildEnvironment,
  environmentShelf,
  listEnvironments,
  lockText,
  makeNamed,
  resolveEnvironment,
  retainEnvironments,
  showEnvironment,
} from "#environment/index.ts"
import { isLock, requirementLines } from "#environment/requirements.ts"
import { notebookOf, type Workshop, workshop } from "#environment/testing.ts"
import { localKernels } from "#kernel/adapters/local.ts"
import { talk, testEnv } from "#kernel/testing.ts"

const UNREACHABLE = {
  UV_DEFAULT_INDEX: "http://127.0.0.1:9/simple",
  PIP_INDEX_URL: "http://127.0.0.1:9/simple",
  UV_FIND_LINKS: "",
  PIP_FIND_LINKS: "",
  UV_OFFLINE: "1",
}
const SCRIPT = '# /// script\n# dependencies = ["six"]\n# ///\nimport six'

let shop: Workshop
let tiny: Built
const told: string[] = []

// Two processes could ask at once; two machines over one home are as good, since they share nothing but the disk.
beforeAll(async () => {
  shop = await workshop()
  const other = await workshop({ home: shop.home })
  const make = { name: "tiny", requirements: ["six"], python: "", tell: (line: string) => void told.push(line) }
  const [one, two] = await Promise.all([makeNamed(shop.world, make), makeNamed(other.world, make)])
  await other.close()
  if (!one.ok || !two.ok) throw new Error(JSON.stringify([one, two]))
  expect(two.value.manifest.sha256).toBe(one.value.manifest.sha256)
  tiny = one.value
})
afterAll(() => shop?.close())

test("two builds of the same at once make one environment, and each step is told", async () => {
  const made = (await readdir(join(shop.home, "environments"))).filter((name) => name.startsWith(tiny.manifest.sha256.slice(0, 12)))
  expect(made).toHaveLength(2)
  expect(told.filter((line) => line.startsWith("Installing"))).toHaveLength(1)
  expect(told.some((line) => line.startsWith("Finding versions for six, ipykernel"))).toBe(true)
})

test("it holds exactly its lock, every package with its hashes", () => {
  const { packages, kind } = tiny.manifest.what
  expect(kind).toBe("locked")
  expect(packages.map(({ name }) => name)).toEqual(expect.arrayContaining(["six", "ipykernel"]))
  expect(packages.every(({ version, hashes = [] }) => version !== "" && hashes.length > 0)).toBe(true)
  expect(isLock(requirementLines(lockText(packages)))).toBe(true)
})

test("a real kernel runs in it, with its packages and its programs, and without those of others", async () => {
  const jupyterPath = tiny.place.jupyterPath ?? ""
  const kernels = localKernels({ env: { ...testEnv(), JUPYTER_PATH: jupyterPath } })
  try {
    const kernel = await kernels.start("python3", { historyOff: true, zygote: true })
    const { text } = await talk(kernel).run(
      "import six, sys, shutil, importlib.util as u\nprint(six.__version__, sys.prefix, shutil.which('python'), u.find_spec('pandas'), u.find_spec('pip'), sep='\\n')",
    )
    const six = tiny.manifest.what.packages.find(({ name }) => name === "six")
    expect(text.trim().split("\n")).toEqual([six?.version, tiny.place.prefix, join(tiny.place.prefix!, "bin", "python"), "None", "None"])
  } finally {
    await kernels.close()
  }
})

test("a run that names it gets it, quickly, by name and by digest", async () => {
  const { sha256 } = tiny.manifest
  for (const asked of ["tiny", sha256, `sha256:${sha256}`]) {
    const startedAt = performance.now()
    const outcome = await resolveEnvironment(shop.world, { notebook: notebookOf([]), asked })
    expect(performance.now() - startedAt).toBeLessThan(500)
    expect(outcome).toMatchObject({ ok: true, value: { sha256, kind: "locked", kernelName: "python3", launch: tiny.place } })
  }
  const byNotebook = await resolveEnvironment(shop.world, { notebook: notebookOf([], { stet: { environment: "tiny" } }) })
  expect(byNotebook).toMatchObject({ ok: true, value: { sha256, name: "tiny" } })
  const bySpace = await resolveEnvironment(shop.world, { notebook: notebookOf([]), spaceDefault: sha256 })
  expect(bySpace).toMatchObject({ ok: true, value: { sha256 } })
})

test("a list inside the notebook is locked once: the second run asks no index", async () => {
  const first = await resolveEnvironment(shop.world, { notebook: notebookOf([SCRIPT]) })
  expect(first).toMatchObject({ ok: true, value: { sha256: tiny.manifest.sha256, kind: "locked" } })
  const offline = await workshop({ home: shop.home, env: UNREACHABLE })
  const second = await resolveEnvironment(offline.world, { notebook: notebookOf(["x = 1", SCRIPT]) })
  await offline.close()
  expect(second).toMatchObject({ ok: true, value: { sha256: tiny.manifest.sha256 } })
})

test("it is listed and shown by name, digest and the start of a digest", async () => {
  expect(await listEnvironments(shop.world.machine)).toMatchObject([{ sha256: tiny.manifest.sha256, names: ["tiny"], isBuilt: true }])
  for (const named of ["tiny", tiny.manifest.sha256, tiny.manifest.sha256.slice(0, 8)])
    expect(await showEnvironment(shop.world.machine, named)).toMatchObject({ ok: true, value: { names: ["tiny"] } })
  expect(await showEnvironment(shop.world.machine, "tinny")).toMatchObject({ ok: false, refusal: { refused: "no_such_environment" } })
  expect(await shop.world.machine.damaged(tiny.manifest.sha256)).toEqual([])
})

test("what was changed is noticed before it is used, and made again as it was", async () => {
  const packages = (await sitePackages(tiny.place.prefix!))!
  const before = await readFile(join(packages, "six.py"), "utf8")
  // In a file of its own, because package tools share files between environments by hard links.
  await rm(join(packages, "six.py"))
  await writeFile(join(packages, "six.py"), `${before}\nchanged = True\n`)
  expect(await shop.world.machine.placeOf(tiny.manifest.sha256)).toBeUndefined()
  expect(await shop.world.machine.damaged(tiny.manifest.sha256)).toEqual(["six.py"])
  const outcome = await resolveEnvironment(shop.world, { notebook: notebookOf([]), asked: "tiny" })
  expect(outcome).toMatchObject({ ok: true, value: { sha256: tiny.manifest.sha256, launch: tiny.place } })
  expect(await readFile(join((await sitePackages(tiny.place.prefix!))!, "six.py"), "utf8")).toBe(before)
})

test("a lock is built as it stands, under any tool: here venv and pip, on an empty disk that knows it from the database", async () => {
  const { close, db } = await freshDatabase()
  const recorded = await workshop({ home: shop.home, db })
  await resolveEnvironment(recorded.world, { notebook: notebookOf([]), asked: "tiny" })
  await recorded.close()
  const empty = await workshop({ mayUseUv: false, db })
  try {
    const outcome = await resolveEnvironment(empty.world, { notebook: notebookOf([]), asked: tiny.manifest.sha256 })
    expect(outcome).toMatchObject({ ok: true, value: { sha256: tiny.manifest.sha256, kind: "locked" } })
    const marker = JSON.parse(await readFile(join(empty.home, "environments", tiny.manifest.sha256, "stet-environment.json"), "utf8")) as object
    expect(marker).toMatchObject({ by: "pip" })
  } finally {
    await empty.close()
    await close()
  }
}, 300_000)

test("pip alone locks with hashes too", async () => {
  const pip = await workshop({ home: shop.home, mayUseUv: false })
  const tool = await pip.world.machine.lock(
    { interpreter: (await pip.world.machine.interpreters())[0]!, requirements: ["six==1.17.0"], mayCompile: false },
    {},
  )
  expect(tool).toMatchObject({ ok: true, value: [{ name: "six", version: "1.17.0", hashes: [expect.stringMatching(/^sha256:[0-9a-f]{64}$/)] }] })
  await pip.close()
})

test.each([
  ["uv", true],
  ["pip", false],
])("no such package: one sentence with the reason that %s gives, and nothing is left behind", async (_, mayUseUv) => {
  const own = await workshop({ home: shop.home, mayUseUv })
  const outcome = await makeNamed(own.world, { name: "x", requirements: ["stet-no-such-package-1f9c"], python: "" })
  expect(outcome).toMatchObject({ ok: false, refusal: { refused: "build_failed" } })
  const message = outcome.ok ? "" : outcome.refusal.message
  expect(message).toMatch(/^No set of packages satisfies the requirements: .*stet-no-such-package-1f9c/)
  expect(message).not.toMatch(/\n/)
  expect((await own.world.machine.labels()).map(({ name }) => name)).toEqual(["tiny"])
  await own.close()
})

test("packages that would have to be compiled are refused where that is not allowed", async () => {
  const own = await workshop({ home: shop.home, mayCompile: false })
  const outcome = await makeNamed(own.world, { name: "x", requirements: ["docopt==0.6.2"], python: "" })
  expect(outcome).toMatchObject({ ok: false, refusal: { refused: "build_failed", message: expect.stringMatching(/docopt.*(wheel|built)/i) } })
  await own.close()
})

test("a directory has no hash, so that no lock can be made of it", async () => {
  const folder = join(shop.home, "local")
  await mkdir(join(folder, "pkg"), { recursive: true })
  await writeFile(join(folder, "pyproject.toml"), '[project]\nname = "local-thing"\nversion = "1.0"\n[tool.setuptools]\npackages = ["pkg"]\n')
  const outcome = await buildEnvironment(shop.world, {
    requirements: ["./local"],
    folder: shop.home,
    specifier: [],
    requiresPython: "",
    mayCompile: true,
  })
  expect(outcome).toMatchObject({ ok: false, refusal: { refused: "build_failed", message: expect.stringMatching(/^\.\/local has no hash/) } })
})

test("cancelled, it leaves nothing", async () => {
  const own = await workshop({ home: shop.home })
  const before = await readdir(join(own.home, "environments"))
  const controller = new AbortController()
  const cancellation = controller.signal
  const tell = (line: string) => (line.startsWith("Installing") ? void setTimeout(() => controller.abort(), 50) : undefined)
  const outcome = await makeNamed(own.world, { name: "x", requirements: ["idna"], python: "", tell, cancellation })
  expect(outcome).toMatchObject({ ok: false, refusal: { refused: "cancelled" } })
  expect(await readdir(join(own.home, "environments"))).toEqual(before)
  await own.close()
})

test("what nothing uses for long is taken off the disk, unless a name means it, and is built again when it is asked for", async () => {
  const own = await workshop({ home: shop.home })
  const made = await buildEnvironment(own.world, { requirements: ["idna"], specifier: [], requiresPython: "", mayCompile: false })
  if (!made.ok) throw new Error(made.refusal.message)
  const { sha256 } = made.value.manifest
  const folder = (await readdir(join(own.home, "environments"))).filter((name) => name.startsWith(`${sha256.slice(0, 12)}-`))
  const longAgo = new Date(Date.now() - 91 * 86_400_000)
  const age = (digest: string) => utimes(join(own.home, "environments", digest, "stet-environment.json"), longAgo, longAgo)
  expect((await environmentShelf(own.world, 90)).unused).toEqual([])
  await age(sha256)
  await age(tiny.manifest.sha256)
  expect((await environmentShelf(own.world, 90)).unused.map((one) => one.sha256)).toEqual([sha256])
  expect(await retainEnvironments(own.world, 0)).toEqual([])
  // Used in this moment: it stays.
  await own.world.machine.used(sha256)
  expect(await own.world.machine.remove(sha256, longAgo.getTime())).toBe(false)
  await age(sha256)
  expect(await retainEnvironments(own.world, 90)).toEqual([sha256])
  const left = await readdir(join(own.home, "environments"))
  expect(left).not.toEqual(expect.arrayContaining(folder))
  expect(left).not.toContain(sha256)
  expect(await own.world.machine.placeOf(tiny.manifest.sha256)).toBeDefined()
  const again = await resolveEnvironment(own.world, { notebook: notebookOf([]), asked: sha256 })
  expect(again).toMatchObject({ ok: true, value: { sha256, kind: "locked" } })
  expect((await environmentShelf(own.world, 90)).unused).toEqual([])
  await own.close()
})
