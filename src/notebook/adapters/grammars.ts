/** Loads the grammars that are WebAssembly from the installed packages. */
import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { Fault, toError } from "#base/fault.ts"
import { type Grammars, grammarsFrom } from "#notebook/grammars.ts"

const require = createRequire(import.meta.url)
let loading: Promise<Grammars> | undefined

/**
 * The grammars of Bash and Scala, read once in a process.
 * @throws Fault storage_unreadable when a package's file is missing
 */
export function loadGrammars(): Promise<Grammars> {
  loading ??= load()
  return loading
}

async function load(): Promise<Grammars> {
  try {
    const [runtime, bash, scala] = await Promise.all([
      bytesOf("web-tree-sitter/web-tree-sitter.wasm"),
      bytesOf("tree-sitter-bash/tree-sitter-bash.wasm"),
      bytesOf("tree-sitter-scala/tree-sitter-scala.wasm"),
    ])
    return await grammarsFrom({ runtime, bash, scala, clock: { steady: () => performance.now() } })
  } catch (thrown) {
    loading = undefined
    throw new Fault("storage_unreadable", `The grammars for Bash and Scala could not be read: ${toError(thrown).message}`, {
      cause: thrown,
      remedy: "Install Stet's dependencies again.",
    })
  }
}

async function bytesOf(file: string): Promise<Uint8Array> {
  return new Uint8Array(await readFile(require.resolve(file)))
}
