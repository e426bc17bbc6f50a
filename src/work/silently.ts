/** Runs code in a kernel with which nobody speaks yet, or any more: without a trace in its counts, and without showing anything. */
import type { Kernel } from "#kernel/index.ts"

export type Silently = "ok" | "raised" | "ended"

/** Listens to the kernel from now on; whoever comes next listens in its place. */
export function silently(kernel: Kernel, code: string): Promise<Silently> {
  return new Promise((resolve) => {
    let [isAnswered, isIdle, status, request] = [false, false, "", ""]
    // What it said before is told at once, and is not about this.
    kernel.listen((event) => {
      if (event.type !== "said") return resolve("ended")
      const { message } = event
      if (request === "" || message.parentId !== request) return
      if (message.header.msg_type === "execute_reply") {
        isAnswered = true
        status = String(message.content["status"])
      }
      if (message.header.msg_type === "status" && message.content["execution_state"] === "idle") isIdle = true
      if (isAnswered && isIdle) resolve(status === "ok" ? "ok" : "raised")
    })
    request = kernel.execute({ code, silent: true, storeHistory: false, allowStdin: false })
  })
}
