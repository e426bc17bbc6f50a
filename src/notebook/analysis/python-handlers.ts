/** What the handlers of a `try` provide for. */
import { text, type Walk } from "#notebook/analysis/python-expressions.ts"
import type { Syntax } from "#notebook/parameters-syntax.ts"

export type Caught = { readonly names: boolean; readonly imports: boolean; readonly anything: boolean }

export function caughtBy(walk: Walk, node: Syntax): Caught {
  const handlers = node.children.flatMap((part, at) => {
    if (part.kind !== "except") return []
    const end = node.children.findIndex((later, i) => i > at && later.kind === "Body")
    const written = node.children.slice(at + 1, end < 0 ? undefined : end).filter((each) => each.kind !== "as" && each.kind !== "Comment")
    return [written.map((each) => text(walk, each)).join(" ")]
  })
  const catches = (names: RegExp) => handlers.some((written) => written === "" || names.test(written))
  return {
    names: catches(/\b(?:NameError|Exception|BaseException)\b/),
    imports: catches(/\b(?:ImportError|ModuleNotFoundError|Exception|BaseException)\b/),
    anything: handlers.length > 0,
  }
}
