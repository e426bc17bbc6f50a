/** What papermill writes beside the notebook while it runs: log lines, and the streams into files. */
import { closeSync, openSync, writeFileSync } from "node:fs"
import { Fault, toError } from "#base/fault.ts"
import type { Json } from "#base/json.ts"
import type { Terminal } from "#cli/edge.ts"
import type { Reporter } from "#cli/progress.ts"
import type { Run, RunEvent } from "#run/index.ts"

const LEVELS = ["NOTSET", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]

/** Lines for cells that begin and end, and for what they print, from the given level on. */
export function logReporter(write: (text: string) => void, level: string): Reporter {
  const from = LEVELS.indexOf(level)
  const log = (name: string, text: string) => {
    if (LEVELS.indexOf(name) >= from) write(text.endsWith("\n") ? text : `${text}\n`)
  }
  let running = -1
  const follow = (run: Run) => {
    const now = run.endedAt > 0 ? -1 : (run.order.plan[run.current] ?? -1)
    if (now === running) return
    if (running >= 0) log("INFO", `Ending Cell ${running + 1}${"-".repeat(42)}`)
    if (now >= 0 && run.status === "running") log("INFO", `Executing Cell ${now + 1}${"-".repeat(39)}`)
    running = now
  }
  return {
    event: (event, run) => {
      if (event.type === "said") sayOutput(event, log)
      if (event.type !== "begun") follow(run)
    },
    end: follow,
  }
}

function sayOutput(event: RunEvent & { type: "said" }, log: (level: string, text: string) => void): void {
  const { content, header } = event.message
  if (header.msg_type === "stream" && typeof content["text"] === "string") log(content["name"] === "stderr" ? "WARNING" : "INFO", content["text"])
  const plain = (content["data"] as { readonly [mime: string]: Json } | undefined)?.["text/plain"]
  if ((header.msg_type === "execute_result" || header.msg_type === "display_data") && typeof plain === "string") log("INFO", plain)
}

/** Paths; - is `terminal`. */
export type StreamFiles = {
  readonly stdout?: string | undefined
  readonly stderr?: string | undefined
  readonly terminal: Terminal
  readonly complain: (message: string) => void
}

/** Copies the streams into files as they come; both into one file when that is what was asked. @throws Fault storage_unwritable */
export function streamFiles(inner: Reporter, files: StreamFiles): Reporter & { readonly close: () => void } {
  const open = new Map<string, number>()
  const writer = (path: string | undefined): ((text: string) => void) | undefined => {
    if (path === undefined) return undefined
    if (path === "-") return (text) => files.terminal.write(text)
    const file = open.get(path) ?? opened(path)
    open.set(path, file)
    return (text) => {
      if (!failed.has(file)) attempt(file, path, text)
    }
  }
  const failed = new Set<number>()
  const attempt = (file: number, path: string, text: string) => {
    try {
      writeFileSync(file, text)
    } catch (error) {
      // The notebook has the same text: no reason to end the run.
      failed.add(file)
      files.complain(`${path} cannot be written any more: ${toError(error).message}.`)
    }
  }
  const [out, err] = [writer(files.stdout), writer(files.stderr)]
  return {
    event: (event, run) => {
      if (event.type === "said" && event.message.header.msg_type === "stream") {
        const { name, text } = event.message.content
        if (typeof text === "string") (name === "stderr" ? err : out)?.(text)
      }
      inner.event(event, run)
    },
    end: inner.end,
    close: () => {
      inner.abandon?.()
      for (const file of open.values()) closeSync(file)
    },
  }
}

function opened(path: string): number {
  try {
    return openSync(path, "w")
  } catch (error) {
    throw new Fault("storage_unwritable", `${path} cannot be written: ${toError(error).message}.`, { cause: error })
  }
}
