/** Reads the JavaScript that packages brought into an environment. It is text to the app, and runs in frames alone. */
import { readdir, readFile, realpath, stat } from "node:fs/promises"
import { join, sep } from "node:path"
import type { FRAME_ROUTES } from "#api/contract/frame-routes.ts"
import { type LibraryPath, libraryPath, prefixOf } from "#api/frames/library-path.ts"
import type { Api, Handlers } from "#api/serve/handler.ts"
import { accepted, refused } from "#base/outcome.ts"
import { placeNamed } from "#environment/index.ts"
import { resolveVersion } from "#library/index.ts"
import type { Cell, Notebook } from "#notebook/index.ts"
import type { Actor } from "#people/index.ts"
import { whereItRuns } from "#work/index.ts"

const LARGEST_BYTES = 16 * 1024 * 1024

export const FRAMES: Handlers<keyof typeof FRAME_ROUTES> = {
  getLibrary: async ({ api, actor, query }) => {
    const path = libraryPath(query.path)
    if (!path) return refused({ refused: "bad_query", message: "This is no script or style of a package that Stet looks for in environments." })
    const prefix = await prefixFor(api, actor, query)
    const bytes = prefix === undefined ? undefined : await found(prefix, path)
    if (!bytes)
      return refused({
        refused: "no_such_file",
        message: `There is no ${query.path} in this environment.`,
        remedy: "Install the package that brings it into the environment that the notebook runs in.",
      })
    const source = {
      sha256: api.world.sha256(bytes),
      sizeBytes: bytes.length,
      mediaType: "text/plain",
      fileName: "library.txt",
      pieces: async () => bytes,
    }
    return accepted({ kind: "bytes", source })
  },
}

type Asked = { readonly kernel?: string | undefined; readonly environment?: string | undefined; readonly notebook?: string | undefined }

/** That of the environment that is named, if it was built; else of the notebook's, as a run of it would get it; last of the kernel's. */
async function prefixFor(api: Api, actor: Actor, { kernel, environment, notebook }: Asked): Promise<string | undefined> {
  const named = environment === undefined ? undefined : await prefixIn(api, environment)
  if (named !== undefined) return named
  const around = notebook === undefined ? undefined : await aroundNotebook(api, actor, notebook)
  const its = around && ((await prefixIn(api, around.sha256)) ?? (await prefixOfKernel(api, around.kernel)))
  return its ?? (kernel === undefined ? undefined : prefixOfKernel(api, kernel))
}

async function prefixIn({ world }: Api, named: string): Promise<string | undefined> {
  return (await placeNamed(world.environment, named))?.prefix
}

async function prefixOfKernel({ world }: Api, kernel: string): Promise<string | undefined> {
  const installed = (await world.environment.kernels()).find(({ name }) => name === kernel)
  return installed && prefixOf(installed)
}

/** Undefined too for whoever may not read it. */
async function aroundNotebook({ world, drafts }: Api, actor: Actor, notebook: string) {
  const found = await resolveVersion(world.library, actor, "read", { notebook })
  if (!found.ok) return undefined
  const open = await drafts.open(found.value.notebook)
  try {
    const cells = open.draft.cells().map(({ type, text }) => ({ cell_type: type, source: text }) as Cell)
    return await whereItRuns(world.work, found.value.notebook, { metadata: open.draft.metadata() as Notebook["metadata"], cells })
  } finally {
    open.close()
  }
}

async function found(prefix: string, path: LibraryPath): Promise<Uint8Array | undefined> {
  for (const base of await basesOf(prefix, path)) {
    const bytes = await inside(join(base, path.root), path.file)
    if (bytes) return bytes
  }
  return undefined
}

async function basesOf(prefix: string, { base }: LibraryPath): Promise<readonly string[]> {
  if (base === "nbextensions") return [join(prefix, "share", "jupyter")]
  const pythons = (await readdir(join(prefix, "lib")).catch(() => [])).filter((name) => /^python3\.\d+$/u.test(name))
  return pythons.map((python) => join(prefix, "lib", python, "site-packages"))
}

/** Undefined when it is not there, leads out of its folder, or is too large to be a library. */
async function inside(folder: string, file: string): Promise<Uint8Array | undefined> {
  const root = await realpath(folder).catch(() => undefined)
  const real = root && (await realpath(join(root, file)).catch(() => undefined))
  if (!root || !real?.startsWith(root.endsWith(sep) ? root : root + sep)) return undefined
  const about = await stat(real)
  return about.isFile() && about.size <= LARGEST_BYTES ? readFile(real) : undefined
}
