/**
 * A kernel that begins to start before anything else is loaded or checked. It takes hundreds of milliseconds on another
 * core, so a run that turns out to be wrong has lost nothing, and one that is right has gained the time of its own start.
 */
import { lastValueOf, type Parsed } from "#cli/arguments.ts"
import type { Edge } from "#cli/edge.ts"
import type { Kernel, Kernels } from "#kernel/index.ts"
import type { Storage } from "#run/index.ts"

export type EarlyKernel = {
  readonly kernels: Kernels
  /** The notebook's bytes. */
  readonly bytes: Uint8Array
  /** The kernel that is starting; undefined when it could not be told which one. */
  readonly name: string | undefined
  readonly kernel: Promise<Kernel> | undefined
}

/** @throws Fault storage_unreadable when the notebook cannot be read */
export async function beginKernel(parsed: Parsed, edge: Edge, storage: Storage): Promise<EarlyKernel> {
  const [kernels, bytes] = await Promise.all([edge.kernels(), storage.read(parsed.positionals[0]!)])
  const name = lastValueOf(parsed, "--kernel") ?? namedIn(bytes)
  // What needs more than a look (a time-out to be read, say) is left to the careful path.
  if (name === undefined || lastValueOf(parsed, "--start-timeout") !== undefined) return { kernels, bytes, name: undefined, kernel: undefined }
  const cwd = lastValueOf(parsed, "--cwd")
  const kernel = kernels.start(name, { historyOff: true, ...(cwd === undefined ? {} : { cwd }) })
  // Whoever awaits it hears of a failure; nobody may, and then it is no news.
  kernel.catch(() => {})
  return { kernels, bytes, name, kernel }
}

const LARGEST_LOOK_BYTES = 4_000_000

/** The kernel that the notebook names, by a quick look at it. */
function namedIn(bytes: Uint8Array): string | undefined {
  if (bytes.length > LARGEST_LOOK_BYTES) return undefined
  try {
    const name: unknown = JSON.parse(new TextDecoder().decode(bytes)).metadata.kernelspec.name
    return typeof name === "string" && name !== "" ? name : undefined
  } catch {
    return undefined
  }
}
