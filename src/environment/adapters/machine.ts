/** Environments on this machine's disk, below `$STET_HOME/environments`, and the programs that make them. */
import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { accepted, type Outcome } from "#base/outcome.ts"
import { buildPlace, placeOf } from "#environment/adapters/build.ts"
import { captureOn } from "#environment/adapters/capture.ts"
import { onDisk, readAllJson, readJson, writeJson } from "#environment/adapters/disk.ts"
import { pythons } from "#environment/adapters/interpreters.ts"
import { damaged } from "#environment/adapters/seal.ts"
import { builtOn, noteUse, removeBuilt } from "#environment/adapters/shelf.ts"
import { type ToolWorld, toolFor, withFile } from "#environment/adapters/tools.ts"
import { troubleOf } from "#environment/adapters/trouble.ts"
import type { Package } from "#environment/description.ts"
import type { Attention, Label, Machine, Manifest, Wanted } from "#environment/ports.ts"
import type { EnvironmentRefusal } from "#environment/refusal.ts"
import { anchored, lockedPackages, reportedPackages } from "#environment/requirements.ts"

export type MachineOptions = ToolWorld & {
  /** Where to look for Pythons beside the PATH; default: the usual places. */
  readonly places?: readonly string[]
}

export function localMachine(options: MachineOptions): Machine {
  const { home } = options
  const folder = join(home, "environments")
  const manifest = (sha256: string) => join(folder, "manifests", `${sha256}.json`)
  const request = (sha256: string) => join(folder, "requests", `${sha256}.json`)
  return {
    sha256: (text) => createHash("sha256").update(text).digest("hex"),
    interpreters: remembered(() => pythons(options)),
    capture: captureOn(options),
    lock: (wanted, attention) => onDisk(home, () => lock(options, wanted, attention)),
    build: (wanted, building) => buildPlace(options, wanted, building),
    placeOf: (sha256) => placeOf(home, sha256),
    used: (sha256) => noteUse(home, sha256),
    built: () => builtOn(home),
    remove: (sha256, unusedSince) => removeBuilt(home, sha256, unusedSince),
    folderOf: (sha256) => join(folder, sha256),
    damaged: async (sha256) => damaged(join(folder, sha256)),
    read: async (sha256) => (await readJson(manifest(sha256))) as Manifest | undefined,
    write: (written) => writeJson(manifest(written.sha256), written),
    manifests: async () => (await readAllJson(join(folder, "manifests"))) as readonly Manifest[],
    labels: async () => (await readAllJson(join(folder, "labels"))) as readonly Label[],
    label: (label) => writeJson(join(folder, "labels", `${label.name}.json`), label),
    recall: async (key) => ((await readJson(request(key))) as { readonly sha256?: string } | undefined)?.sha256,
    remember: (key, sha256) => writeJson(request(key), { sha256 }),
  }
}

const INTERPRETERS_KEPT_MS = 60_000

/** Shims must be asked anew each time, which takes seconds; a Python that was installed meanwhile is found a minute later. */
function remembered<Value>(ask: () => Promise<Value>): () => Promise<Value> {
  let last: { readonly at: number; readonly answer: Promise<Value> } | undefined
  return () => {
    if (!last || performance.now() - last.at > INTERPRETERS_KEPT_MS) last = { at: performance.now(), answer: ask() }
    const { answer } = last
    answer.catch(() => (last = undefined))
    return answer
  }
}

async function lock(world: ToolWorld, wanted: Wanted, attention: Attention): Promise<Outcome<readonly Package[], EnvironmentRefusal>> {
  const tool = await toolFor(world, wanted.interpreter, attention)
  attention.tell?.(`Finding versions for ${wanted.requirements.join(", ").slice(0, 200)} with ${tool.name}`)
  const lines = wanted.folder === undefined ? wanted.requirements : anchored(wanted.requirements, wanted.folder)
  return withFile(lines, async (file, into) => {
    const ended = await tool.lock(file, into, wanted)
    if (ended.code !== 0) return troubleOf(ended, "lock", world.home)
    const text = await readFile(into, "utf8")
    return accepted(tool.name === "uv" ? lockedPackages(text) : reportedPackages(JSON.parse(text)))
  })
}
