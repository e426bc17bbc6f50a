/** What the patterns of `match` do with names. */
import { define, text, visit, type Walk } from "#notebook/analysis/python-expressions.ts"
import type { Syntax } from "#notebook/parameters-syntax.ts"

export function pattern(walk: Walk, node: Syntax): void {
  const [first] = node.children
  switch (node.kind) {
    case "CapturePattern":
      if (first && walk.offset === 0 && walk.cell.classes.has(first.from)) visit(walk, first)
      else if (first && text(walk, first) !== "_") define(walk, first, { how: "variable" })
      return
    case "AsPattern":
      for (const [at, part] of node.children.entries()) {
        if (node.children[at - 1]?.kind === "as") define(walk, part, { how: "variable" })
        else pattern(walk, part)
      }
      return
    case "ClassPattern":
    case "AttributePattern":
      if (first) visit(walk, first)
      for (const part of node.children.slice(1)) pattern(walk, part)
      return
    case "KeywordPattern":
      for (const part of node.children.slice(1)) pattern(walk, part)
      return
    default:
      for (const child of node.children) pattern(walk, child)
  }
}
