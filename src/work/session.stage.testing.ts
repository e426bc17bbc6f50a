/** What the tests of live sessions in one file share: a platform, its kernels, and the end of all that a test has opened there. */
import { localKernels } from "#kernel/adapters/local.ts"
import type { Kernels } from "#kernel/index.ts"
import { type Hosted, type HostSpec, hostSessions, linkOf, Watcher } from "#work/session.testing.ts"
import type { Link } from "#work/session-line.ts"
import { type Platform, platform } from "#work/testing.ts"

type Notebook = Awaited<ReturnType<Platform["notebook"]>>
export type Scene = { readonly hosted: Hosted; readonly link: Link; readonly watcher: Watcher; readonly notebook: Notebook }

export class Stage {
  readonly at: Platform
  readonly kernels: Kernels = localKernels()
  readonly #closing: (() => unknown)[] = []
  #count = 0

  constructor(at: Platform) {
    this.at = at
  }

  /** A worker that holds sessions, a notebook, and somebody who follows its session over a server's link. */
  async scene(spec: Partial<HostSpec> = {}): Promise<Scene> {
    const hosted = await this.host(spec)
    return { hosted, ...(await this.follower(await this.notebook(spec.kernelName))) }
  }

  async host(spec: Partial<HostSpec> = {}): Promise<Hosted> {
    const hosted = await hostSessions(this.at, { kernels: this.kernels, ...spec })
    this.behind(() => hosted.stop())
    return hosted
  }

  notebook(kernelName = "python3"): Promise<Notebook> {
    return this.at.notebook(`live-${++this.#count}.ipynb`, kernelName, "1")
  }

  /** Another server. */
  async follower(notebook: Notebook): Promise<Omit<Scene, "hosted">> {
    const link = await linkOf(this.at.world, 1_500)
    this.behind(() => link.close())
    return { link, watcher: new Watcher(link.session(notebook)), notebook }
  }

  /** Done when the test is over, the last one first. */
  behind(close: () => unknown): void {
    this.#closing.push(close)
  }

  async clear(): Promise<void> {
    for (const close of this.#closing.splice(0).reverse()) await close()
  }

  async close(): Promise<void> {
    await this.kernels.close()
    await this.at.close()
  }
}

export async function openStage(): Promise<Stage> {
  return new Stage(await platform())
}
