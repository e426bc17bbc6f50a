/** A test case as it is typed, and as it is told. Pure. */
import { accepted, type Outcome, refused } from "#base/outcome.ts"

export type Typed = {
  readonly name: string
  readonly parameters: string
  readonly outcome: string
  readonly ename: string
  readonly cell: string
  readonly text: string
}

type Check = { readonly check: "output_contains"; readonly cell: string; readonly text: string }
export type Spec = {
  readonly parameters: Record<string, unknown>
  readonly expects: { readonly outcome: "succeeds" | "fails"; readonly ename?: string; checks: Check[] }
}

export function specOf({ name, parameters, outcome, ename, cell, text }: Typed): Outcome<Spec, string> {
  if (name.trim() === "") return refused("A test case has a name.")
  const values = objectIn(parameters)
  if (!values) return refused('The parameters are one JSON object, as {"region": "EU"}.')
  if ((cell.trim() === "") !== (text === "")) return refused("Say both which cell is looked at and what it must show, or neither.")
  const isFailing = outcome === "fails"
  const checks: Check[] = isFailing || text === "" ? [] : [{ check: "output_contains", cell: cell.trim(), text }]
  return accepted({
    parameters: values,
    expects: { outcome: isFailing ? "fails" : "succeeds", ...(isFailing && ename.trim() !== "" ? { ename: ename.trim() } : {}), checks },
  })
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text.trim() === "" ? "{}" : text)
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** In one line. */
export function expectedWords(parameters: Readonly<Record<string, unknown>>, expects: unknown): string {
  const { outcome, ename, checks = [] } = expects as { readonly outcome?: string; readonly ename?: string; readonly checks?: readonly unknown[] }
  const given = Object.entries(parameters).map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
  const must = outcome === "fails" ? `fails${ename ? ` with ${ename}` : ""}` : "succeeds"
  const more = checks.length === 0 ? "" : checks.length === 1 ? ", one check" : `, ${checks.length} checks`
  return `${given.length === 0 ? "defaults" : given.join(", ")} → ${must}${more}`
}
