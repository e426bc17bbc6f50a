/** Where the kernel of a run works. */
import { statSync } from "node:fs"
import { resolve } from "node:path"
import type { Edge } from "#cli/edge.ts"
import type { Refusal } from "#cli/prepare.ts"

/** Why a kernel cannot work there; undefined when it can, or when the directory is a remote server's. */
export function refuseDirectory(edge: Edge, directory: string | undefined): Refusal | undefined {
  if (directory === undefined || edge.env["JUPYTER_GATEWAY_URL"]) return undefined
  const found = statSync(resolve(edge.cwd, directory), { throwIfNoEntry: false })
  if (found?.isDirectory()) return undefined
  return {
    messages: [`The working directory ${directory} ${found ? "is not a directory" : "does not exist"}.`],
    remedy: "Make it, or give another --cwd.",
  }
}
