/** What the server and the worker do alike as processes: read the configuration, tell their supervisor, end in order. */
import { flushCompileCache } from "node:module"
import { availableParallelism, homedir } from "node:os"
import { isFault, toError } from "#base/fault.ts"
import { type Configuration, readConfiguration } from "#configuration.ts"
import type { PartMessage } from "#supervise.ts"

/** What a part does once it is up. */
export type Part = {
  /** Ends in order: lets what is under way end. */
  drain(): Promise<void>
  /** Ends now. */
  stop(): Promise<void>
}

function configured(env: NodeJS.ProcessEnv): Configuration {
  const read = readConfiguration(env, { userHome: homedir(), cores: availableParallelism(), cwd: process.cwd() })
  if (read.ok) return read.value
  throw new Refusal(read.refusal.join(" "))
}

/** What starting again cannot mend. */
export class Refusal extends Error {
  override readonly name = "Refusal"
}

/** To the supervisor; without one to whoever reads standard error. */
export function tellSupervisor(message: PartMessage): void {
  if (process.send && process.connected) process.send(message)
  else if ("ready" in message) process.stderr.write(`${message.ready.url ?? message.ready.note ?? "ready"}\n`)
  else if ("refused" in message) process.stderr.write(`stet: ${message.refused}\n`)
}

/** Starts a part and keeps the process until it is asked to end: SIGTERM drains, SIGINT stops, so does a supervisor that is gone. */
export async function runPart(begin: (configuration: Configuration) => Promise<Part>): Promise<number> {
  // The log's disk may be full. That a line is lost must end nothing.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined)
  try {
    const part = await begin(configured(process.env))
    // What is killed writes nothing when it ends; the next start is to have it.
    flushCompileCache?.()
    await ended(part)
    return 0
  } catch (error) {
    if (!(error instanceof Refusal) && !isFault(error)) throw error
    const remedy = isFault(error) ? ` ${error.remedy}` : ""
    const isForGood = !isFault(error) || error.retry === "never"
    if (isForGood) tellSupervisor({ refused: `${toError(error).message}${remedy}` })
    else process.stderr.write(`${toError(error).message}${remedy}\n`)
    return 3
  }
}

async function ended(part: Part): Promise<void> {
  const isSupervised = process.send !== undefined
  await new Promise<void>((resolve, reject) => {
    const end = (how: () => Promise<void>) => () => void how().then(resolve, reject)
    process.on(
      "SIGTERM",
      end(() => part.drain()),
    )
    process.on("SIGINT", end(isSupervised ? () => part.stop() : () => part.drain()))
    // Nobody looks after us any more: what runs may end, and then we go.
    process.on(
      "disconnect",
      end(() => part.drain()),
    )
  })
}
