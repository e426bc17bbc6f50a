import type { Message } from "#kernel/ports.ts"

const QUIET_MS = 40
// After a flood more is likely to come, and on a busy machine it comes with gaps of up to 350 ms.
const FLOOD_MESSAGES = 50
const QUIET_AFTER_FLOOD_MS = 500

/** Passes messages on, with `idle` put where it belongs. */
export type IdleHolder = {
  take(message: Message): void
  /** Nothing more will come: passes on what is still held. */
  flush(): void
}

/**
 * For kernels that say `idle` while their output is still on its way (Deno 2.9: of 20,000 lines 12,000 came later, and
 * once the next request is sent, under its name): `idle` is held back until iopub has been silent for a while. That makes
 * the fault rare, it cannot make it impossible.
 */
export function idleHolder(pass: (message: Message) => void): IdleHolder {
  let timer: NodeJS.Timeout | undefined
  const held: Message[] = []
  let count = 0
  const flush = () => {
    clearTimeout(timer)
    count = 0
    for (const message of held.splice(0)) pass(message)
  }
  return {
    flush,
    take: (message) => {
      const isIdle = message.channel === "iopub" && message.header.msg_type === "status" && message.content["execution_state"] === "idle"
      if (isIdle) held.push(message)
      else pass(message)
      if (message.channel === "iopub") count++
      if (message.channel !== "iopub" || held.length === 0) return
      clearTimeout(timer)
      timer = setTimeout(flush, count > FLOOD_MESSAGES ? QUIET_AFTER_FLOOD_MS : QUIET_MS)
    },
  }
}
