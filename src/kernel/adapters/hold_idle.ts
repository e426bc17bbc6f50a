import type { Message } from "#kernel/ports.ts"

const QUIET_MS = 40

/** Passes messages on, with `idle` put where it belongs. */
export type IdleHolder = {
  take(message: Message): void
  /** Nothing more will come: passes on what is still held. */
  flush(): void
}

/**
 * For kernels that say `idle` while their output is still on its way (Deno 2.9: of 20,000 lines 12,000 came later, and
 * once the next request is sent, under its name): `idle` is held back until iopub has been silent for 40 ms.
 */
export function idleHolder(pass: (message: Message) => void): IdleHolder {
  let timer: NodeJS.Timeout | undefined
  const held: Message[] = []
  const flush = () => {
    clearTimeout(timer)
    for (const message of held.splice(0)) pass(message)
  }
  return {
    flush,
    take: (message) => {
      const isIdle = message.channel === "iopub" && message.header.msg_type === "status" && message.content["execution_state"] === "idle"
      if (isIdle) held.push(message)
      else pass(message)
      if (message.channel !== "iopub" || held.length === 0) return
      clearTimeout(timer)
      timer = setTimeout(flush, QUIET_MS)
    },
  }
}
