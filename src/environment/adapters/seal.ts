/**
 * Whether a built environment is still what was built. Asked before every run, so it looks at names, sizes and times only
 * (1–2 ms): installing, removing or replacing a package changes those. `verify` reads every byte.
 */
import { createHash } from "node:crypto"
import { readdir, readFile, stat } from "node:fs/promises"
import { join } from "node:path"

/** `<prefix>/lib/python3.x/site-packages`. */
export async function sitePackages(prefix: string): Promise<string | undefined> {
  const lib = join(prefix, "lib")
  const version = (await readdir(lib).catch(() => [])).find((name) => /^(?:python|pypy)3/.test(name))
  return version === undefined ? undefined : join(lib, version, "site-packages")
}

/** Undefined when there is nothing to seal. */
export async function sealOf(prefix: string): Promise<string | undefined> {
  const packages = await sitePackages(prefix)
  const entries = packages && (await readdir(packages, { withFileTypes: true }).catch(() => undefined))
  if (!entries) return undefined
  const lines = await Promise.all(
    entries
      .filter(({ name }) => name !== "__pycache__")
      .map(
        async (entry) =>
          `${entry.name} ${entry.isDirectory() && !entry.name.endsWith(".dist-info") ? "" : await sizeAndTime(join(packages, entry.name))}`,
      ),
  )
  return createHash("sha256")
    .update([...lines.sort(), await sizeAndTime(join(prefix, "pyvenv.cfg"))].join("\n"))
    .digest("hex")
}

/** Of a package's record rather than its folder: Python writes its caches into folders. */
async function sizeAndTime(path: string): Promise<string> {
  const file = path.endsWith(".dist-info") ? join(path, "RECORD") : path
  const found = await stat(file).catch(() => undefined)
  return found ? `${found.size} ${found.mtimeMs}` : "-"
}

/** ipykernel brings a kernelspec that names no interpreter; the build writes one that does in its place. */
const OURS = "/share/jupyter/kernels/python3/kernel.json"

/** The first files, at most ten, that are not what their package brought: changed, or gone. */
export async function damaged(prefix: string): Promise<readonly string[]> {
  const packages = await sitePackages(prefix)
  if (packages === undefined) return [prefix]
  const bad: string[] = []
  for (const name of (await readdir(packages)).filter((entry) => entry.endsWith(".dist-info"))) {
    for (const [path, hash] of records(await readFile(join(packages, name, "RECORD"), "utf8").catch(() => ""))) {
      if (bad.length >= 10) return bad
      if (!path.endsWith(OURS) && (await sha256Of(join(packages, path))) !== hash) bad.push(path)
    }
  }
  return bad
}

/** Path and hash of each line of a RECORD that has a SHA-256. Source: "Recording installed projects" of the Python packaging guide. */
function records(text: string): readonly (readonly [string, string])[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const [, quoted, bare, hash] = /^(?:"((?:[^"]|"")*)"|([^,]*)),sha256=([A-Za-z0-9_-]+)=*,/.exec(line) ?? []
    const path = quoted?.replaceAll('""', '"') ?? bare
    return path === undefined || hash === undefined ? [] : [[path, hash] as const]
  })
}

async function sha256Of(file: string): Promise<string> {
  const bytes = await readFile(file).catch(() => undefined)
  return bytes === undefined ? "" : createHash("sha256").update(bytes).digest("base64url")
}
