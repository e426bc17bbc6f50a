/** Parameters as they were typed: files first, in order, then single ones; the later word for a name counts. */
import { accepted, type Outcome } from "#base/outcome.ts"
import { type Parsed, valuesOf } from "#cli/arguments.ts"
import type { Refusal } from "#cli/prepare.ts"
import type { Given, GivenValue } from "#notebook/index.ts"
import type { Storage } from "#run/index.ts"

export async function givenParameters(parsed: Parsed, storage: Storage): Promise<Outcome<Given, Refusal>> {
  const given: GivenValue[] = []
  for (const [path = ""] of valuesOf(parsed, "--params-file")) {
    const { readParameterFile } = await import("#cli/values.ts")
    const values = readParameterFile(path, await storage.read(path))
    if (!values.ok) return { ok: false, refusal: { messages: [values.refusal.message], remedy: "" } }
    for (const [name, value] of Object.entries(values.value)) given.push({ name, value })
  }
  for (const one of parsed.given) {
    const [name = "", text = ""] = one.values
    if (one.flag.name === "--param") given.push({ name, text })
    if (one.flag.name === "--raw-param") given.push({ name, text, raw: true })
  }
  return accepted(given)
}
