/** What somebody may want to know first about a run, and do next. Pure. */
import type { Answered } from "#api/contract.ts"

type Run = Answered<"getRun">

/** One sentence beside the explanation: the one thing to do. "" where there is nothing to do. */
export function nextStep({ state, reason, cancelAsked }: Pick<Run, "state" | "reason" | "cancelAsked">): string {
  if (state === "running") return cancelAsked ? "It was asked to stop; the cell under way is being interrupted." : ""
  if (state === "queued") return cancelAsked ? "It was asked to stop." : ""
  return NEXT[reason] ?? (state === "lost" ? "Retry it: what had been kept until then is below." : "")
}

const NEXT: Readonly<Record<string, string>> = {
  cell_raised: "Read the traceback, then rerun with other parameters or mend the cell in the notebook.",
  asked_for_input: "Give the value as a parameter instead of asking for it.",
  timed_out: "Make the cell faster, or run it with a longer time-out.",
  kernel_died: "Retry it. If it dies again, the cell below it crashes the interpreter.",
  disk_exceeded: "Write less, or remove what is not needed any more while it runs; an administrator sets how much a kernel may write.",
  out_of_memory: "Load less at a time, or ask for a worker with more memory.",
  kernel_start_failed: "Look at the environment: the kernel could not start in it.",
  environment_missing: "Choose another environment, or have this one built again.",
  index_unreachable: "Retry it when the package index can be reached again: nothing has run.",
  version_missing: "Run another version: what this one was made of is gone.",
  storage_failed: "Make room or mend the storage, then retry.",
  owner_died: "Retry it: the worker is gone, not the notebook.",
  worker_stopped: "Retry it: the worker was shut down.",
  orphaned: "Launch it again if it is still wanted: its caller stopped asking for it.",
  spool_lost: "Retry it: the worker's record of it is gone.",
}

const TRIGGER_WORDS: Readonly<Record<string, string>> = {
  person: "by hand",
  token: "by a program",
  schedule: "on schedule",
  orchestrator: "by an orchestrator",
  test: "as a test",
}

/** "by Airflow", where the orchestrator names itself. */
export function triggerWords({ trigger, orchestrator }: Pick<Run, "trigger" | "orchestrator">): string {
  const kind = orchestratorOf(orchestrator)?.kind
  return kind !== undefined ? `by ${kind.charAt(0).toUpperCase()}${kind.slice(1)}` : (TRIGGER_WORDS[trigger] ?? trigger)
}

export type OrchestratorLink = { readonly kind: string; readonly name: string; readonly href: string | undefined }

/** The nearest link back; anybody may have written it, so only addresses of the web are links. */
export function orchestratorOf(told: unknown): OrchestratorLink | undefined {
  if (typeof told !== "object" || told === null) return undefined
  const facts = told as Readonly<Record<string, unknown>>
  const text = (name: string) => (typeof facts[name] === "string" ? facts[name] : undefined)
  const kind = text("kind")
  if (kind === undefined) return undefined
  const names = [text("definitionId") ?? text("name"), text("taskId"), text("instanceId") ?? text("id")].filter((one) => one !== undefined)
  const href = [text("attemptUri"), text("instanceUri"), text("uri"), text("definitionUri")].find(
    (one) => one !== undefined && /^https?:\/\//iu.test(one),
  )
  return { kind, name: names.join(" · ") || kind, href }
}
