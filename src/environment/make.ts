/** What people do by hand: make an environment from a list and give it a name. */
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import type { Db } from "#database/index.ts"
import { type Built, buildEnvironment } from "#environment/build.ts"
import { nameProblem } from "#environment/choose.ts"
import type { Attention } from "#environment/ports.ts"
import { readSpecifier } from "#environment/python-version.ts"
import { type EnvironmentProblem, type EnvironmentRefusal, refuse } from "#environment/refusal.ts"
import { inlineProblem } from "#environment/requirements.ts"
import { recordLabels } from "#environment/sql/record-labels.ts"
import { recordMade } from "#environment/sql/record-use.ts"
import type { EnvironmentWorld } from "#environment/world.ts"

export type Making = Attention & {
  readonly name: string
  /** Lines of a requirements file. */
  readonly requirements: readonly string[]
  /** Which Python, as in PEP 440 (">=3.11") or bare ("3.12"); "" for the likeliest of the machine. */
  readonly python: string
  /**
   * The directory that the list lies in, from which its relative paths start. Without one the list came from elsewhere, and
   * may name packages and versions only.
   */
  readonly folder?: string
  /** Said in the transaction in which the platform learns of it. */
  readonly recorded?: (tx: Db, made: { readonly name: string; readonly sha256: string; readonly at: number }) => Promise<void>
}

/**
 * Builds the environment and lets the name mean it from now on. Runs that name the digest of an earlier one keep that.
 *
 * @throws Fault index_unreachable, disk_full, storage_unwritable
 */
export async function makeNamed(world: EnvironmentWorld, making: Making): Promise<Outcome<Built, EnvironmentRefusal>> {
  const { name, requirements, python, folder, recorded, ...attention } = making
  const specifier = pythonWanted(python)
  const wrong = wrongIn(making, specifier)
  if (wrong.length > 0 || !specifier.ok) return refusedFor(wrong)
  const request = { requirements, ...specifier.value, mayCompile: world.mayCompile, ...(folder === undefined ? {} : { folder }) }
  const built = await buildEnvironment(world, request, attention)
  if (!built.ok) return built
  const { manifest } = built.value
  const label = { name, sha256: manifest.sha256, at: world.clock.now() }
  await world.machine.label(label)
  await world.db?.transaction().execute(async (tx) => {
    await recordMade(tx, { manifest, name })
    await recordLabels(tx, [label])
    await recorded?.(tx, label)
  })
  return built
}

type Wrong = EnvironmentProblem & { readonly remedy: string }

/** All at once: who sends a list again is not to learn of the next mistake only then. */
function wrongIn({ name, requirements, folder }: Making, python: ReturnType<typeof pythonWanted>): Wrong[] {
  const nameless = nameProblem(name)
  const strays = requirements.flatMap((line, index) => {
    const message = folder === undefined ? inlineProblem(line.trim()) : undefined
    const remedy = "Correct the list, or make the environment from a file with `stet env build`."
    return message === undefined ? [] : [{ path: `requirements.${index}`, message, remedy }]
  })
  return [
    ...(nameless === undefined ? [] : [{ path: "name", message: nameless, remedy: "Choose another name." }]),
    ...strays,
    ...(python.ok ? [] : [{ path: "python", message: python.refusal.message, remedy: python.refusal.remedy }]),
  ]
}

function refusedFor(wrong: readonly Wrong[]): { readonly ok: false; readonly refusal: EnvironmentRefusal } {
  const said = (key: "message" | "remedy") => [...new Set(wrong.map((one) => one[key]))].join(" ")
  const problems = wrong.map(({ path, message }) => ({ path, message }))
  return refused({ refused: "bad_requirements", message: said("message"), remedy: said("remedy"), problems })
}

/** A wish for a Python: a specifier, or a bare version, which means that one and its patches. */
export function pythonWanted(python: string) {
  const text = /^\d+(?:\.\d+)*$/.test(python) ? `==${python}${python.split(".").length > 2 ? "" : ".*"}` : python
  const specifier = readSpecifier(text)
  if (specifier.ok) return accepted({ specifier: specifier.value, requiresPython: text })
  return refuse("bad_requirements", `${JSON.stringify(specifier.refusal)} is no version of Python.`, 'Write it like 3.12 or ">=3.11".')
}
