/** An older version comes back as an edit of the draft, or, where no draft is at work, as a new version that says what the old one said. */
import type { Answered } from "#api/contract.ts"
import { api } from "#web/app/api.ts"

export type Restored = Answered<"saveContent">

/** `latest`: what was the newest when it was asked for; what somebody saved meanwhile is not overwritten. @throws ApiProblem edited_meanwhile */
export async function restoreVersion(notebook: string, version: number, latest: number): Promise<Restored> {
  const bytes = await new Response(await api.stream("getVersionContent", { params: { notebook, version } })).blob()
  return api.call("saveContent", { params: { notebook }, query: { base: latest, message: `Restored version ${version}` }, body: bytes as never })
}
