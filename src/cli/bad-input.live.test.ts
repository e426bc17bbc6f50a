/** Everything that can be wrong before, around and after a run: told in a sentence, with the documented exit code, and nothing is lost. */
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, expect, test } from "vitest"
import { desk, pythonNotebook, type Said, until } from "#cli/testing.ts"
import { codeCell } from "#run/testing.ts"

const specs = mkdtempSync(join(tmpdir(), "stet-specs-"))
const path = [specs, process.env["JUPYTER_PATH"]].filter(Boolean).join(":")
const here = desk({ JUPYTER_PATH: path })
afterAll(() => {
  here.clear()
  rmSync(specs, { recursive: true, force: true })
})

kernelspec("dies", "echo loading >&2; echo 'ImportError: no module named frobnicate' >&2; exit 7")
kernelspec("sleeps", "echo waiting >&2; exec sleep 600")

function kernelspec(name: string, script: string): void {
  mkdirSync(join(specs, "kernels", name), { recursive: true })
  const spec = { argv: ["sh", "-c", script, "sh", "{connection_file}"], display_name: name, language: "python" }
  writeFileSync(join(specs, "kernels", name, "kernel.json"), JSON.stringify(spec))
}

const at = (name: string) => join(here.folder, name)
const parsed = (name: string) => JSON.parse(readFileSync(at(name), "utf8"))
const factsOf = (name: string) => parsed(name).metadata.stet.run
const journals = () => (existsSync(join(here.home, "journals")) ? readdirSync(join(here.home, "journals")) : [])

/** Processes that work in the test's directory: every kernel does, and what guards it. */
function stillThere(): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`).startsWith(here.folder)
    } catch {
      return false
    }
  })
}

afterEach(async () => {
  await until(() => stillThere().length === 0, 10_000)
  expect(readdirSync(here.folder).filter((name) => name.endsWith(".tmp"))).toEqual([])
})

/** What was said is for a person: no trace of the program, and short. */
function sentence(said: Said, code: number, what: RegExp): void {
  expect([said.code, said.err]).toEqual([code, expect.stringMatching(what)])
  expect(said.err).not.toMatch(/^ {4}at |node:|mistake in Stet|ENOENT|EACCES|undefined/m)
  expect(said.err.trimEnd().split("\n").length).toBeLessThan(12)
}

const START = '{"cells":[],"metadata":{},"nbformat"'

test.each([
  ["cut.ipynb", `{"cells": [`, /cut\.ipynb is not valid JSON: line 1, column 12: .+\.\n +Repair the file/],
  ["empty.ipynb", "", /is not valid JSON: line 1, column 1: there is nothing here/],
  ["binary.ipynb", new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0xff]), /is not UTF-8 text/],
  ["surrogate.ipynb", `${START}:4,"x":"\\ud800"}`, /half of a surrogate pair/],
  ["list.ipynb", "[1, 2]", /this is not a notebook: it is a list.+\.\n +Give a Jupyter notebook/],
  ["object.ipynb", `{"a": 1}`, /this is not a notebook: it has no nbformat/],
  ["future.ipynb", `${START}:5,"nbformat_minor":0}`, /nbformat 5\.0, and Stet reads formats 2 to 4/],
])("%s is refused by every command that reads it, and nothing is written", async (name, content, why) => {
  here.write(name, content)
  const before = readdirSync(here.folder)
  const commands = [
    [2, "run", name],
    [1, "papermill", name, "out.ipynb"],
    [2, "inspect", name],
    [2, "html", name],
    [2, "diff", name, name],
    [2, "resume", name],
  ] as const
  const all = await Promise.all(commands.map(([, ...words]) => here.stet(...words)))
  for (const [index, said] of all.entries()) sentence(said, commands[index]![0], why)
  expect(readdirSync(here.folder)).toEqual(before)
})

test("ids that stand twice, are missing or not allowed are mended, with a report, and the file stays as it is", async () => {
  const notebook = pythonNotebook("1", "2", "3", "4")
  const ids = ["a", "a", undefined, "b c!"]
  const cells = notebook.cells.map((cell, index) => ({ ...cell, id: ids[index] }))
  const input = here.write("twice.ipynb", JSON.stringify({ ...notebook, cells }))
  const before = readFileSync(input)
  for (const words of [
    ["run", input, "-q"],
    ["papermill", input, "twice.result.ipynb", "--no-progress-bar"],
  ]) {
    const said = await here.stet(...words)
    sentence(said, 0, /^stet: .*twice\.ipynb is not a valid notebook in 3 places/)
    expect(said.err).toMatch(/cells\[1\]\.id was there twice and is now: ".+"\n +cells\[2\]\.id was missing .*\n +cells\[3\]\.id was invalid/)
    expect(new Set(parsed("twice.result.ipynb").cells.map((cell: { id: string }) => cell.id)).size).toBe(4)
  }
  expect(readFileSync(input)).toEqual(before)
})

test("an unknown kernel is refused with the ones there are, nearest first; an earlier result is not touched", async () => {
  const input = here.notebook("unknown.ipynb", "1")
  const output = here.write("unknown.result.ipynb", JSON.stringify({ ...pythonNotebook("0"), metadata: { stet: { run: {} } } }))
  const before = readFileSync(output)
  sentence(await here.stet("run", input, "-k", "pyton3"), 2, /^stet: There is no kernel named "pyton3"\. There are: python3, .*\.\n +Use python3/)
  sentence(await here.stet("papermill", input, output, "-k", "pyton3"), 1, /There are: python3, /)
  sentence(await here.stet("papermill", input, "other.ipynb", "-k", "sleps"), 1, /There are: sleeps, /)
  expect([readFileSync(output).equals(before), existsSync(at("other.ipynb")), journals()]).toEqual([true, false, []])
})

test("a kernel that dies while it starts: its last words are shown, and the result says so", async () => {
  const input = here.notebook("stillborn.ipynb", "1")
  const last = /The kernel dies did not start: it ended with exit code 7\. It wrote last:\n {2}loading\n {2}ImportError: no module named frobnicate\n/
  sentence(await here.stet("run", input, "-k", "dies"), 3, last)
  sentence(await here.stet("papermill", input, "stillborn.pm.ipynb", "-k", "dies"), 1, last)
  for (const result of ["stillborn.result.ipynb", "stillborn.pm.ipynb"]) {
    expect(factsOf(result)).toMatchObject({ status: "failed", reason: "kernel_start_failed", cells: { done: 0, total: 1 } })
    expect(parsed(result).cells.at(-1).metadata.stet.state).toBe("not_run")
  }
})

test("a kernel that does not start leaves the result of an earlier run as it was, and says so; one that told as little is replaced", async () => {
  const input = here.notebook("again.ipynb", "1")
  expect((await here.stet("run", input, "-q")).code).toBe(0)
  const good = readFileSync(at("again.result.ipynb"))
  sentence(
    await here.stet("run", input, "-k", "dies"),
    3,
    /did not start: [\s\S]*\nThe result of an earlier run stays as it was: .*again\.result\.ipynb\n/,
  )
  expect(readFileSync(at("again.result.ipynb")).equals(good)).toBe(true)
  const json = (await here.stet("run", input, "-k", "dies", "--json")).out.trim().split("\n").at(-1)!
  expect(JSON.parse(json)).toMatchObject({ event: "run_ended", status: "failed", reason: "kernel_start_failed" })
  expect(JSON.parse(json)).not.toHaveProperty("output")

  await here.stet("run", input, "fresh.ipynb", "-k", "dies")
  const first = factsOf("fresh.ipynb").id
  expect((await here.stet("run", input, "fresh.ipynb", "-k", "dies")).err).not.toMatch(/stays/)
  expect(factsOf("fresh.ipynb").id).not.toBe(first)
})

test("a kernel that never gets ready is given up in the given time, and ended", async () => {
  const input = here.notebook("slow.ipynb", "1")
  sentence(
    await here.stet("run", input, "-k", "sleeps", "--start-timeout", "1"),
    3,
    /did not start: it was not ready after 1\.0 s\. It wrote last:\n {2}waiting\n/,
  )
})

test("a cell that asks for more memory than there is has raised, and that is what is told", async () => {
  const input = here.notebook("greedy.ipynb", "x = bytearray(10 ** 15)", "1")
  expect((await here.stet("run", input, "-q")).code).toBe(1)
  expect(factsOf("greedy.result.ipynb")).toMatchObject({ reason: "cell_raised", error: { ename: "MemoryError", cell_index: 0 } })
})

const SLOWLY = "import time\nx = []\nwhile True:\n    x.append(b'x' * 20_000_000)\n    time.sleep(0.01)"
const group = memoryGroup()
afterAll(() => group && rmdirSync(group))

/** A control group of our own with 400 MB, where this system lets us have one. */
function memoryGroup(): string | undefined {
  try {
    const own = /^\d+:memory:(.*)$/m.exec(readFileSync("/proc/self/cgroup", "utf8"))?.[1]
    const root = ["/sys/fs/cgroup/memory", own === "/" ? "" : own].join("")
    const made = mkdtempSync(join(existsSync(root) ? root : "/sys/fs/cgroup/memory", "stet-"))
    writeFileSync(join(made, "memory.limit_in_bytes"), "400000000")
    return made
  } catch {
    return undefined
  }
}

test.skipIf(!group)("a kernel that the system kills for want of memory: that is what is told, and what was said before is kept", async () => {
  const input = here.notebook("oom.ipynb", "print('before')", SLOWLY, "1")
  for (const [code, ...words] of [
    [3, "run", input, "oom.run.ipynb", "-q"],
    [138, "papermill", input, "oom.pm.ipynb", "--no-progress-bar"],
  ] as const) {
    const said = shell(`echo $$ > '${group}/cgroup.procs' && stet ${words.join(" ")}`)
    sentence(said, code, /✗ failed in .*: The kernel ran out of memory and was killed while cell 2 ran\./)
    expect(factsOf(words[2])).toMatchObject({ status: "failed", reason: "out_of_memory", error: { cell_index: 1 } })
    const cells = parsed(words[2]).cells.filter((cell: { cell_type: string }) => cell.cell_type === "code")
    expect(cells.map((cell: { metadata: { stet: { state: string } } }) => cell.metadata.stet.state)).toEqual(["succeeded", "kernel_died", "not_run"])
    expect(cells[0].outputs[0].text).toEqual(["before\n"])
  }
})

test("wrong, missing and misspelt parameters are told together, and nothing runs", async () => {
  const declared = codeCell("n: int\nmode: Literal['a', 'b'] = 'a'\nratio: float = 0.5", { tags: ["parameters"] })
  const input = here.notebook("typed.ipynb", declared, "open('ran', 'w')")
  const all = await here.stet("run", input, "-p", "mode", "c", "-p", "ratio", "high", "-p", "ration", "1")
  sentence(all, 2, /n is required/)
  expect(all.err).toMatch(/mode should be one of "a", "b", but got "c"/)
  expect(all.err).toMatch(/ratio should be a number, but got "high"/)
  expect(all.err).toMatch(/ration is unknown; did you mean ratio\?/)
  here.write("list.yaml", "- 1")
  here.write("cut.yaml", "n: [1")
  here.write("cut.json", `{"n": `)
  sentence(await here.stet("run", input, "-f", "list.yaml"), 2, /list\.yaml must hold names and values/)
  sentence(await here.stet("run", input, "-f", "cut.yaml"), 2, /cut\.yaml is not valid YAML: line \d+, column \d+/)
  sentence(await here.stet("run", input, "-f", "cut.json"), 2, /cut\.json is not valid JSON: line 1, column 7/)
  sentence(await here.stet("run", input, "-f", "absent.yaml"), 3, /There is no file absent\.yaml/)
  expect([existsSync(at("typed.result.ipynb")), existsSync(at("ran"))]).toEqual([false, false])
})

test("a secret for a language in which it cannot be handed over safely is refused, and stands nowhere", async () => {
  const metadata = { kernelspec: { name: "scala", display_name: "Scala", language: "scala" }, language_info: { name: "scala" } }
  const declared = codeCell('val password: String = "" // secret', { tags: ["parameters"] })
  const input = here.write("scala.ipynb", JSON.stringify({ ...pythonNotebook(declared), metadata }))
  const said = await here.stet("run", input, "-p", "password", "hunter2-canary")
  sentence(said, 2, /password is a secret, and Stet knows no safe way to hand a secret to Scala\. Let the notebook read it itself\./)
  expect(said.err).not.toMatch(/canary/)
  expect(spawnSync("grep", ["-rl", "hunter2-canary", here.folder], { encoding: "utf8" }).stdout).toBe("")
})

test("an input that is not there, a directory, or nothing at all", async () => {
  sentence(await here.stet("run", "absent.ipynb"), 3, /There is no file absent\.ipynb\.\n +Check the path\. Relative paths start at/)
  sentence(await here.stet("papermill", "absent.ipynb", "out.ipynb"), 1, /There is no file absent\.ipynb/)
  mkdirSync(at("folder"), { recursive: true })
  sentence(await here.stet("run", "folder"), 3, /folder cannot be read: it is a directory/)
  sentence(await here.stet("run", "-"), 2, /standard input is not valid JSON: line 1, column 1: there is nothing here/)
  sentence(await here.stet("run", "http://127.0.0.1:9/a.ipynb"), 3, /not an address of the public internet/)
})

test("an output that cannot be written is refused before anything runs", async () => {
  const input = here.notebook("fine.ipynb", "open('ran', 'w')")
  const before = readFileSync(input)
  mkdirSync(at("folder"), { recursive: true })
  for (const [output, why] of [
    ["no/such/out.ipynb", /the directory .*no\/such does not exist\.\n +Make it first: mkdir -p/],
    ["folder", /folder cannot be written: it is a directory\.\n +Name a file in it/],
    ["fine.ipynb/out.ipynb", /a part of its path is a file/],
    ["http://example.org/a.ipynb", /Stet only reads web addresses/],
    ["ftp://example.org/a.ipynb", /Stet cannot reach ftp:\/\/ yet/],
  ] as const) {
    sentence(await here.stet("run", input, output), 3, why)
    sentence(await here.stet("papermill", input, output), 1, why)
  }
  sentence(await here.stet("run", input, input), 2, /exists and is not the result of a run, so it is not replaced\.\n +Choose another OUTPUT/)
  sentence(await here.stet("run", input, "--cwd", "nowhere"), 2, /working directory nowhere does not exist/)
  sentence(await here.stet("papermill", input, "out.ipynb", "--stdout-file", "nowhere/out.txt"), 1, /nowhere does not exist/)
  expect([existsSync(at("ran")), existsSync(at("out.ipynb")), readFileSync(input).equals(before)]).toEqual([false, false, true])
})

test("a device takes the result as it comes, once; one that is full is told as such, and the journal has everything", async () => {
  const input = here.notebook("device.ipynb", "import time\ntime.sleep(3.5)\nprint('through')")
  const direct = shell(`stet run ${input} /dev/stdout -q | cat`)
  expect(JSON.parse(direct.out).cells[0].outputs[0].text).toEqual(["through\n"])
  sentence(await here.stet("run", input, "/dev/full", "-q"), 3, /There is no room left to write \/dev\/full/)
  const [journal = ""] = journals()
  expect((await here.stet("recover", join(here.home, "journals", journal), "device.out.ipynb")).code).toBe(0)
  expect([parsed("device.out.ipynb").cells[0].outputs[0].text, journals()]).toEqual([["through\n"], []])
})

test("a journal of one's own never replaces a file, and its directory is not made", async () => {
  const input = here.notebook("journalled.ipynb", "1")
  const before = readFileSync(input)
  sentence(await here.stet("run", input, "--journal", input), 3, /there is a file already, and a journal replaces none\.\n +Name another file/)
  const nowhere = await here.stet("run", input, "--journal", "nowhere/a.journal")
  expect([nowhere.code, nowhere.err]).toEqual([3, expect.stringMatching(/The journal nowhere\/a\.journal cannot be written.*\n +Name a directory/)])
  expect([readFileSync(input).equals(before), existsSync(at("nowhere"))]).toEqual([true, false])
})

test("a Stet home that cannot be one is told as such", async () => {
  const input = here.notebook("homeless.ipynb", "1")
  const said = await desk({ STET_HOME: here.write("a-file", "") }).stet("run", input)
  expect([said.code, said.err]).toEqual([3, expect.stringMatching(/^stet: Stet's home directory .*a-file cannot be written: .*\n +Set STET_HOME/)])
})

const OWN_MOUNTS = ["unshare", "--user", "--map-root-user", "--mount"] as const
const mayMount = spawnSync(OWN_MOUNTS[0], [...OWN_MOUNTS.slice(1), "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0
const BIN = new URL("../../bin/stet.js", import.meta.url).pathname

/** Runs a shell script that may say `stet …`; `through` is a command that runs it in surroundings of its own. */
function shell(script: string, through: readonly string[] = []): Said {
  const [program = "", ...rest] = [...through, "sh", "-c", `stet() { '${process.execPath}' '${BIN}' "$@"; }\n${script}`]
  const env = { ...process.env, JUPYTER_PATH: path, STET_HOME: here.home, NO_COLOR: "1" }
  const { status, signal, stdout, stderr } = spawnSync(program, rest, { cwd: here.folder, env, encoding: "utf8" })
  return { code: status, signal, out: stdout, err: stderr }
}

/** The same with a disk of that size at ./disk, which is gone afterwards. */
function withDisk(size: string, script: string): Said {
  mkdirSync(at("disk"), { recursive: true })
  return shell(`mount -t tmpfs -o size=${size} tmpfs disk && ${script}`, OWN_MOUNTS)
}

const LARGE = "for i in range(40):\n    print(i, 'x' * 100_000, flush=True)"

test.skipIf(!mayMount)("a disk too full for the result: what stood there stands, the journal is kept and named, and gives the whole notebook", () => {
  const input = here.notebook("large.ipynb", LARGE)
  for (const [code, words] of [
    [3, `run ${input} disk/out.ipynb -q --force`],
    [1, `papermill ${input} disk/out.ipynb --no-progress-bar`],
  ] as const) {
    const said = withDisk("1m", `echo old > disk/out.ipynb && { stet ${words}; code=$?; ls -A disk; cat disk/out.ipynb; exit $code; }`)
    sentence(
      said,
      code,
      /There is no room left to write \S*disk\/out\.ipynb; what was there before is unchanged\.\n +Free some space .*stet recover .*\.journal OUTPUT/,
    )
    expect(said.out).toBe("out.ipynb\nold\n")
    const journal = /stet recover (\S+\.journal)/.exec(said.err)?.[1]
    const again = withDisk("1m", `stet recover ${journal} disk/out.ipynb`)
    sentence(again, 3, /There is no room left/)
    expect(shell(`stet recover ${journal} whole.ipynb`).code).toBe(0)
    expect(parsed("whole.ipynb").cells[0].outputs[0].text).toHaveLength(40)
    expect(journals()).toEqual([])
  }
})

const HOME_ON_DISK = `mkdir -p disk/home/python/bin && cp -P '${join(here.home, "python", "bin", "python")}' disk/home/python/bin/ && export STET_HOME=disk/home`

test.skipIf(!mayMount)("a disk too full for the journal: the run ends there, and its record says why and holds what came before", () => {
  const slow = `import time\nprint('kept')\ntime.sleep(0.5)\n${LARGE}`
  const input = here.notebook("unrecorded.ipynb", slow, "1")
  const said = withDisk(
    "2m",
    `${HOME_ON_DISK} && { stet run ${input} unrecorded.result.ipynb -q; code=$?; set -- disk/home/journals/*; stet recover "$1" saved.ipynb; exit $code; }`,
  )
  sentence(said, 3, /^stet: The disk is full: the journal .*\.journal could not be written\.\n +Free some space.*stet recover .*\.journal OUTPUT\n/)
  expect(said.err).toMatch(/\nfailed in .*: The disk is full: the journal .* → saved\.ipynb\n$/)
  expect(existsSync(at("unrecorded.result.ipynb"))).toBe(false)
  expect(factsOf("saved.ipynb")).toMatchObject({ status: "failed", reason: "storage_failed", cells: { done: 0, total: 2 } })
  expect(parsed("saved.ipynb").cells[0].outputs[0].text[0]).toBe("kept\n")
})

test.skipIf(!mayMount)("a disk that is full from the start leaves no empty journal", () => {
  const input = here.notebook("unbegun.ipynb", "1")
  const fill = "{ dd if=/dev/zero of=disk/fill bs=4k 2>/dev/null; true; }"
  const journalsLeft = "{ code=$?; ls -A disk/home/journals; exit $code; }"
  const said = withDisk(
    "1m",
    `${HOME_ON_DISK} && mkdir disk/home/journals && ${fill} && stet run ${input} unbegun.result.ipynb -q || ${journalsLeft}`,
  )
  sentence(said, 3, /^stet: The disk is full: the journal .* could not be written\.\n +Free some space, or set STET_HOME to a place with more\.\n$/)
  expect([said.out, existsSync(at("unbegun.result.ipynb"))]).toEqual(["", false])
})

test.skipIf(!mayMount)("a read-only place for the result is refused before anything runs", () => {
  const input = here.notebook("readonly.ipynb", "open('ran', 'w')")
  for (const [code, command] of [
    [3, "run"],
    [1, "papermill"],
  ] as const) {
    const said = withDisk("1m", `mount -o remount,ro disk && stet ${command} ${input} disk/out.ipynb`)
    sentence(said, code, /disk\/out\.ipynb cannot be written: its file system is read-only\.\n +Name an output elsewhere/)
  }
  expect(existsSync(at("ran"))).toBe(false)
})

test("a password in the address of a server is not taken, and not repeated", async () => {
  const said = await here.stet("runs", "--server", "http://me:hunter2-canary@127.0.0.1:1")
  sentence(said, 2, /the address of the server at http:\/\/127\.0\.0\.1:1 holds a user name or password, which Stet does not take\.\s+Leave them out/)
  expect((await here.stet("runs", "--server", "ftp://me:hunter2-canary@127.0.0.1")).err + said.err).not.toMatch(/canary/)
})
