/**
 * The proof that an environment was made: it holds exactly the packages of its lock, and ipykernel can be imported in it.
 *
 * The list is read by the standard library alone (`-S`: no `.pth` file of a package is obeyed). Importing runs code of the
 * packages: as root it is done as nobody, and where nobody cannot reach the folder only for lists that an operator gave.
 * The first kernel is then the proof, started as confined as every other.
 */
import { join } from "node:path"
import { run } from "#environment/adapters/process.ts"
import { isRoot, unprivilegedUser } from "#environment/adapters/reach.ts"
import { sitePackages } from "#environment/adapters/seal.ts"
import { withoutOurs } from "#environment/adapters/tools.ts"
import type { Description } from "#environment/description.ts"
import { type Refused, refuse } from "#environment/refusal.ts"
import { normalName } from "#environment/requirements.ts"

type Proving = { readonly folder: string; readonly what: Description; readonly env: NodeJS.ProcessEnv; readonly mayRun: boolean }

const LIST = `
import importlib.metadata, json, sys
print(json.dumps([[str(found.metadata["Name"]), str(found.version)] for found in importlib.metadata.distributions(path=[sys.argv[1]])]))
`

/** Undefined when it is proved. */
export async function prove({ folder, what, env, mayRun }: Proving): Promise<Refused | undefined> {
  const python = join(folder, "bin", "python")
  const packages = (await sitePackages(folder)) ?? ""
  const quiet = { ...withoutOurs(env), HOME: "/nonexistent", PYTHONDONTWRITEBYTECODE: "1" }
  const listed = await run(python, ["-I", "-S", "-c", LIST, packages], { env: quiet, timeoutMs: 60_000 })
  const differs = listed.code === 0 ? listDiffers(listed.stdout, what) : lastLine(listed.output)
  if (differs)
    return refuse(
      "build_failed",
      `The environment was built and is not what its lock says: ${differs}.`,
      "Try again; if it stays so, lock the requirements anew.",
    )
  const user = await unprivilegedUser(python, packages)
  if (isRoot() && user === undefined && !mayRun) return undefined
  const imported = await run(python, ["-I", "-c", "import ipykernel.kernelapp"], { env: quiet, user, cwd: "/", timeoutMs: 120_000 })
  if (imported.code === 0) return undefined
  return refuse(
    "build_failed",
    `The environment was built, but no kernel starts in it: ${lastLine(imported.output)}.`,
    "Ask for other versions of the packages it names.",
  )
}

function listDiffers(stdout: string, what: Description): string {
  const there = new Map((JSON.parse(stdout) as [string, string][]).map(([name, version]) => [normalName(name), version]))
  const lacking = what.packages.find(({ name, version, url }) => (url ? !there.has(name) : !sameVersion(there.get(name), version)))
  if (lacking) return `${lacking.name} ${lacking.version} is not in it`
  const known = new Set(what.packages.map(({ name }) => name))
  const extra = [...there.keys()].find((name) => !known.has(name))
  return extra === undefined ? "" : `${extra} is in it`
}

/** Metadata may spell a version less strictly than an index: 1.0 and 1.0.0, 2024.01 and 2024.1. */
function sameVersion(a: string | undefined, b: string): boolean {
  return a !== undefined && plainVersion(a) === plainVersion(b)
}

function plainVersion(text: string): string {
  return text
    .toLowerCase()
    .replace(/^v/, "")
    .replace(/\b0+(?=\d)/g, "")
    .replace(/(?:\.0)+$/, "")
    .replace(/[-_]/g, ".")
}

function lastLine(output: string): string {
  return output.trim().split("\n").at(-1)?.slice(0, 300) || "it said nothing"
}
