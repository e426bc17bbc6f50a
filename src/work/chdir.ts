/** Moves a Python kernel that was started in advance into the folder of its notebook. */
import { Fault } from "#base/fault.ts"
import { write } from "#base/json.ts"
import type { Kernel } from "#kernel/index.ts"
import { silently } from "#work/silently.ts"

/** @throws Fault kernel_start_failed when it does not answer, dies, or cannot go there */
export async function chdir(kernel: Kernel, cwd: string): Promise<void> {
  // A JSON string is a Python string as well.
  const how = await silently(kernel, `__import__("os").chdir(${write(cwd)})`)
  if (how === "ok") return
  const why = how === "ended" ? "it ended" : "it could not go there"
  throw new Fault("kernel_start_failed", `The kernel could not be brought into the folder ${cwd} of its notebook: ${why}.`, {
    remedy: "Run it again; if it stays so, look at the worker's log.",
  })
}
