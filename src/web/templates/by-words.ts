/** How somebody calls a template, in words. Pure. */
import type { Answered } from "#api/contract.ts"

type By = Answered<"getTemplateUsage">["callers"][number]["by"]

const BY: Readonly<Record<By, string>> = {
  person: "by hand",
  token: "by a program",
  schedule: "on schedule",
  orchestrator: "from a scheduler",
  test: "as a test",
  agent: "as an agent",
}

export function byWords(by: By, scheduler: string): string {
  return scheduler === "" ? BY[by] : `from ${scheduler}`
}
