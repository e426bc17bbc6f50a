/** Where a result goes, and what it may replace there. */
import type { Refusal } from "#cli/prepare.ts"
import { locate, type Storage } from "#run/index.ts"

const RESULT = ".result.ipynb"

/** Beside a local or S3 input as `<name>.result.ipynb`; for http(s) in this directory; for - to standard output. */
export function resultPathOf(input: string): string {
  const location = locate(input)
  if (location.kind === "standard stream") return "-"
  if (location.kind === "http") return withSuffix(decodeURIComponent(new URL(input).pathname.split("/").pop() || "notebook"))
  return withSuffix(location.kind === "file" ? location.path : input)
}

function withSuffix(path: string): string {
  if (path.endsWith(RESULT)) return path
  return `${path.replace(/\.(ipynb|json)$/, "")}${RESULT}`
}

/** Says why an existing file may not be replaced; undefined when there is none or it is a result. @throws Fault storage_unreadable */
export async function refuseToReplace(storage: Storage, output: string): Promise<Refusal | undefined> {
  if (locate(output).kind === "standard stream" || !(await storage.exists(output))) return undefined
  if (isResult(await storage.read(output))) return undefined
  return { messages: [`${output} exists and is not the result of a run, so it is not replaced.`], remedy: "Choose another OUTPUT, or use --force." }
}

/** Whether there is a result of a run that got as far as its first cell. @throws Fault storage_unreadable */
export async function tellsOfRun(storage: Storage, output: string): Promise<boolean> {
  if (locate(output).kind === "standard stream" || !(await storage.exists(output))) return false
  const metadata = resultMetadata(await storage.read(output))
  return metadata !== undefined && metadata.stet?.run?.reason !== "kernel_start_failed"
}

function isResult(bytes: Uint8Array): boolean {
  return resultMetadata(bytes) !== undefined
}

type ResultMetadata = { readonly stet?: { readonly run?: { readonly reason?: unknown } }; readonly papermill?: unknown }

/** By a look at its metadata: an earlier result may be large, and nothing else of it matters. */
function resultMetadata(bytes: Uint8Array): ResultMetadata | undefined {
  try {
    const metadata: ResultMetadata | undefined = JSON.parse(new TextDecoder().decode(bytes)).metadata
    return typeof metadata?.stet?.run === "object" || typeof metadata?.papermill === "object" ? metadata : undefined
  } catch {
    return undefined
  }
}
