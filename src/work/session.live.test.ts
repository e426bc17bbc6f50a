/** Live sessions with real kernels, over the real link: what people do, and what breaks under them. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { localKernels } from "#kernel/adapters/local.ts"
import type { Kernels } from "#kernel/index.ts"
import type { Actor } from "#people/index.ts"
import { type Hosted, type HostSpec, hostSessions, linkOf, Watcher } from "#work/session.testing.ts"
import { outputsOfExecutions } from "#work/session-kept.ts"
import type { Link } from "#work/session-line.ts"
import { type Platform, platform } from "#work/testing.ts"

let at: Platform
let kernels: Kernels
let ann: Actor
const closing: (() => Promise<void>)[] = []
let count = 0

beforeAll(async () => {
  at = await platform()
  kernels = localKernels()
  ann = await at.person("Ann", "editor")
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
afterAll(async () => {
  await kernels.close()
  await at.close()
})

type Scene = { readonly hosted: Hosted; readonly link: Link; readonly watcher: Watcher; readonly notebook: string }

async function scene(spec: Partial<HostSpec> = {}): Promise<Scene> {
  const hosted = await hostSessions(at, { kernels, ...spec })
  closing.push(() => hosted.stop())
  const link = await linkOf(at.world)
  closing.push(() => link.close())
  const notebook = await at.notebook(`live-${++count}.ipynb`, spec.kernelName ?? "python3", "1")
  const watcher = new Watcher(link.session(notebook))
  return { hosted, link, watcher, notebook }
}

describe("cells", () => {
  test("run one after another, show what they show, and are kept", async () => {
    const { watcher } = await scene()
    const [first, second] = await watcher.run(ann, "print('hello')\n1 + 1", "x = 5\nx * 2")
    await watcher.until(second!.id, "succeeded")
    expect(await watcher.outputs(first!.id)).toEqual([
      { output_type: "stream", name: "stdout", text: "hello\n" },
      { output_type: "execute_result", execution_count: 1, data: { "text/plain": "2" }, metadata: {} },
    ])
    expect(watcher.executions.get(first!.id)).toMatchObject({ executionCount: 1, by: { id: ann.id, name: "Ann" }, state: "succeeded" })
    expect(watcher.session).toMatchObject({ state: "idle", kernelName: "python3", language: "python", startedBy: { name: "Ann" } })
    const kept = await outputsOfExecutions(at.world, [first!.id, second!.id])
    expect(kept.get(first!.id)?.outputs).toEqual(await watcher.outputs(first!.id))
    expect(kept.get(second!.id)).toMatchObject({ executionCount: 2 })
  })
})
