/** The kernel of a run, as the command line asks for it. */
import type { Kernel, KernelSpec, Kernels } from "#kernel/index.ts"
import type { Order } from "#run/index.ts"

export type KernelWish = {
  readonly cwd?: string
  readonly startTimeoutMs: number
  readonly preparePython: () => Promise<void>
  /** More of its kind will be wanted: one Python process is loaded, and each kernel forked from it. */
  readonly zygote?: boolean
  /** What that process imports once for all of them. */
  readonly zygoteImports?: readonly string[]
}

export type Starting = {
  readonly start: () => Promise<Kernel>
  readonly displayName: string
  /** It was there from the beginning. */
  readonly isListed: boolean
}

/** How to start it, and what its kernelspec calls itself. */
export async function startingKernel(kernels: Kernels, order: Order, wish: KernelWish): Promise<Starting> {
  const spec = await listed(kernels, order)
  // What most notebooks ask for is not refused on a machine that only lacks it.
  if (!spec && /^python3?$/.test(order.kernelName)) await wish.preparePython()
  const cwd = wish.cwd === undefined ? {} : { cwd: wish.cwd }
  return {
    isListed: spec !== undefined,
    displayName: (spec ?? (await listed(kernels, order)))?.displayName ?? order.kernelName,
    start: () =>
      kernels.start(order.kernelName, {
        ...cwd,
        startTimeoutMs: wish.startTimeoutMs,
        historyOff: true,
        ...(wish.zygote ? { zygote: true, zygoteImports: wish.zygoteImports ?? [] } : {}),
      }),
  }
}

async function listed(kernels: Kernels, order: Order): Promise<KernelSpec | undefined> {
  return (await kernels.list()).find((one) => one.name === order.kernelName)
}
