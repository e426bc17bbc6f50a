import type { Step } from "#setup/python.mjs"

type Env = { readonly [name: string]: string | undefined }
type Reason = { readonly why: string; readonly remedy: string; readonly kind: "network" | "disk" | "other" }
type Interpreter = {
  /** The path it was asked under. */
  readonly python: string
  readonly version: readonly [number, number]
  readonly prefix: string
  /** Those of ipykernel, numpy, pandas, matplotlib, ipywidgets, pip, ensurepip, venv that can be imported. */
  readonly modules: readonly string[]
}

/** Why a package tool failed, read from what it said. */
export declare function reasonOf(output: string): Reason

/** Does `work` while no other process on this file system does. */
export declare function withLock<Value>(
  file: string,
  work: () => Promise<Value>,
  options?: { readonly staleMs?: number; readonly waiting?: () => void },
): Promise<Value>

/** uv, when it is on this machine and runs. */
export declare function findUv(world: { readonly home: string; readonly env: Env }): Promise<string | undefined>

/** uv from the package index, through that Python's pip; undefined when it has none. */
export declare function fetchUv(
  world: { readonly home: string; readonly env: Env; readonly step: Step; readonly tell: (line: string) => void },
  python: string,
): Promise<{ readonly ok: true; readonly value: string } | { readonly ok: false; readonly reason: Reason } | undefined>

/** The variables for pip: the user's, without a minute-long row of retries. */
export declare function patientPip(env: Env): Record<string, string | undefined>

/** The variables for uv: the user's, and what pip is told of its index. */
export declare function uvEnvironment(
  world: { readonly env: Env },
  base: Pick<Interpreter, "python" | "modules"> | undefined,
): Promise<Record<string, string | undefined>>

/** The Pythons of this machine that run, 3.9 or newer, the likeliest first. */
export declare function interpreters(world: {
  readonly home: string
  readonly env: Env
  readonly places?: readonly string[]
}): Promise<readonly Interpreter[]>
