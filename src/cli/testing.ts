/** The vocabulary of the command-line tests: a home of its own, notebooks on disk, `stet` as a child process. */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { type Notebook, write } from "#notebook/index.ts"
import { type CellSpec, notebookOf } from "#run/testing.ts"

const BIN = new URL("../../bin/stet.js", import.meta.url).pathname

export type Said = { readonly code: number | null; readonly signal: string | null; readonly out: string; readonly err: string }

export type Desk = {
  readonly folder: string
  readonly home: string
  /** Writes a notebook of Python cells (or a whole one) and gives its path. */
  notebook(name: string, ...cells: CellSpec[]): string
  write(name: string, content: string | Uint8Array): string
  /** Runs `stet` to its end. */
  stet(...words: readonly string[]): Promise<Said>
  /** Starts `stet` and leaves it running. */
  start(...words: readonly string[]): ChildProcess & { readonly said: Promise<Said> }
  clear(): void
}

/** A directory to work in, with a Stet home that knows the test environment's Python. */
export function desk(environment: { readonly [name: string]: string } = {}): Desk {
  const folder = mkdtempSync(join(tmpdir(), "stet-desk-"))
  const home = join(folder, "home")
  const python = process.env["STET_TEST_PYTHON"]
  if (python) {
    mkdirSync(join(home, "python", "bin"), { recursive: true })
    symlinkSync(python, join(home, "python", "bin", "python"))
  }
  const env = { ...process.env, STET_HOME: home, NO_COLOR: "1", ...environment }
  const put = (name: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  const start: Desk["start"] = (...words) => {
    const child = spawn(process.execPath, [BIN, ...words], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] })
    return Object.assign(child, { said: heard(child) })
  }
  return {
    folder,
    home,
    notebook: (name, ...cells) => put(name, write(pythonNotebook(...cells))),
    write: put,
    stet: (...words) => start(...words).said,
    start,
    clear: () => rmSync(folder, { recursive: true, force: true }),
  }
}

export function pythonNotebook(...cells: CellSpec[]): Notebook {
  return {
    ...notebookOf(...cells),
    metadata: { kernelspec: { name: "python3", display_name: "Python 3", language: "python" }, language_info: { name: "python" } },
  }
}

function heard(child: ChildProcess): Promise<Said> {
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout?.on("data", (bytes: Buffer) => out.push(bytes))
  child.stderr?.on("data", (bytes: Buffer) => err.push(bytes))
  return new Promise((resolve) =>
    child.on("close", (code, signal) => resolve({ code, signal, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() })),
  )
}

/** Waits until `probe` gives something; fails after `ms`. */
export async function until<Found>(probe: () => Found | undefined | false, ms = 20_000): Promise<Found> {
  for (const end = Date.now() + ms; Date.now() < end; await new Promise((next) => setTimeout(next, 20))) {
    const found = probe()
    if (found !== undefined && found !== false) return found
  }
  throw new Error("it did not happen in time")
}
