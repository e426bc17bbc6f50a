/**
 * Findings that somebody looked at and let stand. Their reasons are in the notebook itself, under `stet.dismissed` in the metadata of
 * the cell (of the notebook for what is about all of it), so that they go wherever it goes, and a diff shows them like any other edit.
 * It is the notebook that says so, not this platform: no name is written there that anybody could forge.
 */
import { isObject, type Json, type JsonObject, own } from "#base/json.ts"
import type { Finding } from "#notebook/analysis/findings.ts"
import type { Notebook } from "#notebook/document.ts"

/**
 * What a finding is called in its cell: its rule and its sentence. Not its line and not the numbers of cells, which edits elsewhere
 * change; another sentence (another name, another path) is another finding.
 */
export function findingKey({ rule, why }: Pick<Finding, "rule" | "why">): string {
  return `${rule}-${digest(why.replace(/\bcells? \d+/g, "cell"))}`
}

/** The same among all cells of a notebook. */
export function findingId(finding: Pick<Finding, "rule" | "why" | "cell">): string {
  return `${finding.cell}/${findingKey(finding)}`
}

/** FNV-1a, 32 bits: no secret and no proof, only short. */
function digest(text: string): string {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, "0")
}

/** A secret that certainly is one cannot be talked away. */
export function mayDismiss({ rule, certainty }: Pick<Finding, "rule" | "certainty">): boolean {
  return rule !== "secret" || certainty !== "verified"
}

export function withDismissals(findings: readonly Finding[], notebook: Notebook): readonly Finding[] {
  const said = new Map(notebook.cells.flatMap(({ id, metadata }) => entryOf(id, metadata)))
  for (const [id, reasons] of entryOf("", notebook.metadata)) said.set(id, reasons)
  if (said.size === 0) return findings
  return findings.map((finding) => {
    const reason = own(said.get(finding.cell) ?? {}, findingKey(finding))
    return typeof reason === "string" && reason.trim() !== "" && mayDismiss(finding) ? { ...finding, dismissed: reason } : finding
  })
}

function entryOf(id: string, metadata: JsonObject): [string, JsonObject][] {
  const reasons = dismissedIn(metadata)
  return Object.keys(reasons).length === 0 ? [] : [[id, reasons]]
}

function dismissedIn(metadata: JsonObject): JsonObject {
  const stet = own(metadata, "stet")
  const reasons = isObject(stet) ? own(stet, "dismissed") : undefined
  return isObject(reasons) ? reasons : {}
}

/** What stands under `stet` in that metadata once the finding is dismissed, or (without a reason) no longer is; undefined for nothing. */
export function dismissing(metadata: JsonObject, finding: Pick<Finding, "rule" | "why">, reason: string | undefined): Json | undefined {
  const key = findingKey(finding)
  const others = Object.fromEntries(Object.entries(dismissedIn(metadata)).filter(([name]) => name !== key))
  const reasons = reason === undefined ? others : { ...others, [key]: reason }
  const stet = own(metadata, "stet")
  const rest = Object.fromEntries(Object.entries(isObject(stet) ? stet : {}).filter(([name]) => name !== "dismissed"))
  const whole = Object.keys(reasons).length === 0 ? rest : { ...rest, dismissed: reasons }
  return Object.keys(whole).length === 0 ? undefined : whole
}
