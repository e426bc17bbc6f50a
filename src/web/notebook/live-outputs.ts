/** What an execution has shown, folded from numbered changes. Pure. */
import type { LiveOutput, OutputChange, OutputsSnapshot } from "#api/live.ts"

export type ShownOutputs = {
  readonly outputs: readonly LiveOutput[]
  /** The number of the next change; -1 while what came before it is not known. */
  readonly next: number
  readonly overflowBytes: number
  /** Up to which number changes were told that could not be applied. */
  readonly missed?: number
}

export const NOTHING_SHOWN: ShownOutputs = { outputs: [], next: 0, overflowBytes: 0 }

export function shownFrom(snapshot: OutputsSnapshot): ShownOutputs {
  return { outputs: snapshot.outputs, next: snapshot.next, overflowBytes: snapshot.overflowBytes }
}

/**
 * What is shown after changes numbered from `from` on. Changes that are known already are skipped, so that a snapshot may
 * overtake them; after a gap what was shown stays, marked as unknown.
 */
export function foldOutputs(shown: ShownOutputs, from: number, changes: readonly OutputChange[]): ShownOutputs {
  if (shown.next < 0 || from > shown.next) return { ...shown, next: -1, missed: Math.max(shown.missed ?? 0, from + changes.length) }
  const fresh = changes.slice(shown.next - from)
  if (fresh.length === 0) return shown
  const outputs = [...shown.outputs]
  for (const change of fresh) apply(outputs, change)
  return { ...shown, outputs, next: shown.next + fresh.length }
}

function apply(outputs: LiveOutput[], change: OutputChange): void {
  switch (change.op) {
    case "append":
      outputs.push(change.output)
      return
    case "text": {
      const stream = outputs[change.index]
      if (stream) outputs[change.index] = { ...stream, text: textOf(stream) + change.text }
      return
    }
    case "set":
      outputs[change.index] = change.output
      return
    case "clear":
      outputs.length = 0
  }
}

function textOf(output: LiveOutput): string {
  const text = output["text"]
  return Array.isArray(text) ? text.join("") : typeof text === "string" ? text : ""
}
