/** The vocabulary of this room's tests. */
import { chmod, mkdtemp, rm } from "node:fs/promises"
import { homedir, tmpdir } from "node:os"
import { join } from "node:path"
import { localMachine } from "#environment/adapters/machine.ts"
import type { Description, Package } from "#environment/description.ts"
import type { EnvironmentWorld } from "#environment/world.ts"
import { localKernels } from "#kernel/adapters/local.ts"
import { testEnv } from "#kernel/testing.ts"
import type { Notebook } from "#notebook/index.ts"

/** A locked environment of CPython 3.12.4. */
export function description({ packages = [] }: { readonly packages?: readonly Package[] }): Description {
  return {
    format: 1,
    kind: "locked",
    kernel: {
      name: "python3",
      displayName: "Python 3 (ipykernel)",
      language: "python",
      argv: ["{prefix}/bin/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
      interruptMode: "signal",
    },
    interpreter: { name: "CPython", version: "3.12.4" },
    platform: { os: "linux", machine: "x86_64", libc: "glibc" },
    packages,
  }
}

/** A notebook of code cells; `metadata` is added to a Python kernelspec. */
export function notebookOf(sources: readonly string[], metadata: object = {}): Notebook {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: "python3", language: "python", display_name: "Python 3" }, ...metadata },
    cells: sources.map((source, i) => ({ id: `c${i}`, cell_type: "code", metadata: {}, source, outputs: [], execution_count: null })),
  }
}

/** A home of its own and what is made of it; `close` removes it, unless the home was given. */
export type Workshop = { readonly home: string; readonly world: EnvironmentWorld; close(): Promise<void> }

type WorkshopOptions = Partial<Pick<EnvironmentWorld, "db" | "mayCompile">> & {
  readonly home?: string
  /** Added to the environment of package tools and interpreters. */
  readonly env?: { readonly [name: string]: string }
  readonly mayUseUv?: boolean
}

/** Package tools come from where the tests' own home has them, so that each test does not fetch them anew. */
export async function workshop({ home, env = {}, mayUseUv, db, mayCompile = true }: WorkshopOptions = {}): Promise<Workshop> {
  const own = home ?? (await mkdtemp(join(tmpdir(), "stet-environments-")))
  await chmod(own, 0o755)
  const uv = join(process.env["STET_HOME"] || join(homedir(), ".stet"), "tools", "uv", "bin")
  const all = { ...testEnv(), ...env, PATH: `${process.env["PATH"]}:${uv}` }
  const kernels = localKernels({ env: all })
  const machine = localMachine({ home: own, env: all, ...(mayUseUv === undefined ? {} : { mayUseUv }) })
  const clock = { now: () => Date.now(), steady: () => performance.now() }
  return {
    home: own,
    world: { machine, kernels: () => kernels.list(), clock, mayCompile, ...(db ? { db } : {}) },
    close: async () => {
      await kernels.close()
      if (home === undefined) await rm(own, { recursive: true, force: true })
    },
  }
}
