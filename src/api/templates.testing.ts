/** A template on the test's platform, promoted as people promote one: proposed, proved by its runs, approved by a second person. */
import type { ApiTest, Someone } from "#api/testing.ts"

export type Promoting = {
  readonly name: string
  /** In the space `team`. */
  readonly path: string
  readonly bytes: Uint8Array
  readonly by: Someone
  readonly approvedBy: Someone
}

/** The platform needs a worker. @returns the notebook's id */
export async function promoted(api: ApiTest, { name, path, bytes, by, approvedBy }: Promoting): Promise<string> {
  const put = await api.ask("POST", `/api/v1/notebooks?space=team&path=${encodeURIComponent(path)}`, { as: by, bytes })
  if (put.status !== 201) throw new Error(put.text)
  const notebook: string = put.json.notebook.id
  await promoteAgain(api, { notebook, name, by, approvedBy })
  return notebook
}

/** Its newest version. */
export async function promoteAgain(
  api: ApiTest,
  { notebook, name, by, approvedBy }: Pick<Promoting, "name" | "by" | "approvedBy"> & { readonly notebook: string },
): Promise<void> {
  const proposed = await api.ask("POST", `/api/v1/notebooks/${notebook}/proposals`, { as: by, json: { template: name } })
  if (proposed.status !== 201) throw new Error(proposed.text)
  const path = `/api/v1/proposals/${proposed.json.id}`
  const { binding } = await settled(api, path, by)
  await api.ask("POST", `${path}/reviews`, { as: approvedBy, json: { verdict: "approve", binding } })
  const done = await api.ask("POST", `${path}/promote`, { as: by })
  if (done.status !== 200) throw new Error(done.text)
}

/** The proposal at `path`, when each of its runs has come to something. */
export async function settled(api: ApiTest, path: string, as: Someone) {
  for (let turn = 0; turn < 600; turn++) {
    const { json } = await api.ask("GET", path, { as })
    if (json.checks.every(({ verdict }: { verdict: string }) => verdict !== "pending")) return json
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error("its checks do not end")
}
