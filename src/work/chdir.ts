/** Moves a Python kernel that was started in advance into the folder of its notebook, silently and without a trace in its counts. */
import { Fault } from "#base/fault.ts"
import { write } from "#base/json.ts"
import type { Kernel } from "#kernel/index.ts"

/** @throws Fault kernel_start_failed when it does not answer, dies, or cannot go there */
export function chdir(kernel: Kernel, cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let [isAnswered, isIdle, status, request] = [false, false, "", ""]
    // What it said before is told at once, and is not about this.
    kernel.listen((event) => {
      if (event.type !== "said") return reject(refusal(cwd, "it ended"))
      const { message } = event
      if (request === "" || message.parentId !== request) return
      if (message.header.msg_type === "execute_reply") {
        isAnswered = true
        status = String(message.content["status"])
      }
      if (message.header.msg_type === "status" && message.content["execution_state"] === "idle") isIdle = true
      if (!isAnswered || !isIdle) return
      if (status === "ok") resolve()
      else reject(refusal(cwd, "it could not go there"))
    })
    // A JSON string is a Python string as well.
    request = kernel.execute({ code: `__import__("os").chdir(${write(cwd)})`, silent: true, storeHistory: false, allowStdin: false })
  })
}

function refusal(cwd: string, why: string): Fault {
  return new Fault("kernel_start_failed", `The kernel could not be brought into the folder ${cwd} of its notebook: ${why}.`, {
    remedy: "Run it again; if it stays so, look at the worker's log.",
  })
}
