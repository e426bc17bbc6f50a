/** A result becomes a notebook of its own. */
import type { COPY_ROUTES } from "#api/contract/copy-routes.ts"
import { notebookOf } from "#api/handlers/library-views.ts"
import { given } from "#api/handlers/spaces.ts"
import { type Handlers, passed } from "#api/serve/handler.ts"
import { refused } from "#base/outcome.ts"
import { copyBytes } from "#library/index.ts"
import { resultOf } from "#work/index.ts"

export const COPIES: Handlers<keyof typeof COPY_ROUTES> = {
  copyResult: async ({ api, actor, params, body }) => {
    const { attempt, ...place } = body ?? {}
    const found = await resultOf(api.world.work, actor, { id: params.run, attempt })
    if (!found.ok) return found
    const { run, sha256 } = found.value
    if (run.codeHidden)
      return refused({ refused: "not_allowed", message: "This notebook shows its code only to those who edit it, and a copy would hold it." })
    const copied = await copyBytes(api.world.library, actor, {
      ...given(place),
      from: { space: run.space, path: resultPath(run.notebookPath) },
      bytes: await api.world.library.blobs.get(sha256),
      tags: [],
      message: `Result of the run ${run.id} of ${run.spaceName}/${run.notebookPath}, version ${run.version}`,
    })
    return passed(copied, (row) => ({ kind: "json", status: 201, value: notebookOf(api, row) }))
  },
}

function resultPath(path: string): string {
  return `${path.replace(/\.ipynb$/u, "")} result.ipynb`
}
