/** Whether what stands after a statement may not be reached, because something in the statement leaves the function. */
import type { Syntax } from "#notebook/parameters-syntax.ts"

const COMPOUND = /^(?:If|For|While|With|Try|Match)Statement$|^(?:Body|MatchBody|MatchClause|StatementGroup)$/

export function mayLeave(node: Syntax): boolean {
  if (node.kind === "ReturnStatement" || node.kind === "RaiseStatement") return true
  return COMPOUND.test(node.kind) && node.children.some(mayLeave)
}
