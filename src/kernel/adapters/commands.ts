import type { FoundSpec } from "#kernel/adapters/specs.ts"
import { asIpykernel, asPythonModule, fillArgv, fillEnv, isBareInterpreter } from "#kernel/kernelspec.ts"
import type { Launch } from "#kernel/ports.ts"

export const LAUNCHER = new URL("./python/launcher.py", import.meta.url).pathname
const UNBOUNDED = new URL("./python/unbounded.py", import.meta.url).pathname

/** How to start the kernel of a spec. */
export type Plan = {
  readonly argv: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  /** ipykernel, which goes through our launcher. */
  readonly isIpykernel: boolean
  /** How a zygote can fork it; undefined where only a fresh process will do. */
  readonly zygote: { readonly interpreter: readonly string[]; readonly argv: readonly string[]; readonly env: NodeJS.ProcessEnv } | undefined
}

/** What a Python process reads from its environment once, while it starts or imports: a fork cannot make up for it. */
const READ_ONCE = /^(PYTHON|LD_|DYLD_|LC_|LANG|OMP_|MKL_|OPENBLAS_|NUMEXPR_|MPL|IPYTHON|JUPYTER|HOME$|PATH$|VIRTUAL_ENV$|CONDA_)/

/** The command line and environment of a kernel. */
export function planStart(spec: FoundSpec, connectionFile: string, wanted: Launch, base: NodeJS.ProcessEnv): Plan {
  const fill = (argv: readonly string[]) => fillArgv(argv, { connectionFile, resourceDir: spec.resourceDir, prefix: spec.prefix })
  const extra = wanted.extraArguments ?? []
  // JPY_PARENT_PID would make an ipykernel end itself when we are gone, also one that was to be kept: the guard ends it instead.
  const { JPY_PARENT_PID: _, ...inherited } = base
  const env = { ...localeOf(inherited), ...inherited, ...fillEnv(spec.env, inherited), ...wanted.env }
  const cwd = wanted.cwd ?? process.cwd()
  const ipykernel = asIpykernel(spec.argv)
  if (!ipykernel) return { argv: [...fill(foreignArgv(spec.argv)), ...extra], env, cwd, isIpykernel: false, zygote: undefined }
  const interpreter = fill(ipykernel.interpreter)
  const rest = [...fill(ipykernel.rest), ...launcherArguments(wanted), ...extra]
  const zygote =
    wanted.zygote && isBareInterpreter(interpreter) && process.platform !== "win32"
      ? { interpreter, argv: rest, env: zygoteEnv(env, wanted.env ?? {}) }
      : undefined
  return { argv: [...interpreter, LAUNCHER, ...rest], env, cwd, isIpykernel: true, zygote }
}

function foreignArgv(argv: readonly string[]): readonly string[] {
  const module = asPythonModule(argv)
  return module ? [...module.interpreter, UNBOUNDED, ...module.rest] : argv
}

function launcherArguments({ historyOff = false, debugger: hasDebugger = !historyOff }: Launch): readonly string[] {
  return [...(historyOff ? ["--HistoryManager.enabled=False"] : []), ...(hasDebugger ? [] : ["--stet-no-debugger"])]
}

/** Without any locale (a bare scheduler, a container) R spells names that are not ASCII as `<U+00E9>`; Python helps itself the same way. */
function localeOf(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isSet = ["LC_ALL", "LC_CTYPE", "LANG"].some((name) => env[name])
  return isSet || process.platform !== "linux" ? {} : { LC_CTYPE: "C.UTF-8" }
}

// What a launch adds for its own kernel stays out of the zygote, whose environment every kernel it forks can read in /proc.
function zygoteEnv(env: NodeJS.ProcessEnv, added: { readonly [name: string]: string }): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !(name in added) || READ_ONCE.test(name)))
}

/** Kernels with the same key can be forked from the same zygote. */
export function zygoteKey(plan: Plan, imports: readonly string[]): string {
  const read = Object.entries(plan.zygote?.env ?? {}).filter(([name]) => READ_ONCE.test(name))
  return JSON.stringify([plan.zygote?.interpreter, imports, read.sort()])
}
