/** The kernel of a run, as the command line asks for it. */
import type { Kernel, Kernels } from "#kernel/index.ts"
import type { Order } from "#run/index.ts"

export type KernelWish = { readonly cwd?: string; readonly startTimeoutMs: number }

/** How to start it, and what its kernelspec calls itself. */
export async function startingKernel(
  kernels: Kernels,
  order: Order,
  wish: KernelWish,
): Promise<{ start: () => Promise<Kernel>; displayName: string }> {
  const spec = (await kernels.list()).find((one) => one.name === order.kernelName)
  const cwd = wish.cwd === undefined ? {} : { cwd: wish.cwd }
  return {
    displayName: spec?.displayName ?? order.kernelName,
    start: () => kernels.start(order.kernelName, { ...cwd, startTimeoutMs: wish.startTimeoutMs, historyOff: true }),
  }
}
