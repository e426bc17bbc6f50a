/**
 * What installed modules do not have (any more): `np.float`, `from collections import Mapping`. Nothing of it is in the notebook, so that
 * it is asked of where the notebook is to run, all at once and before it is judged.
 */
import { type Finding, finding, type MemberQuestion, type Rule, type Subject, type SubjectCell } from "#notebook/analysis/findings.ts"
import type { CellNames, NameEvent, Span } from "#notebook/analysis/names.ts"
import { liesBeside } from "#notebook/analysis/rules/imports.ts"

type Asked = { readonly question: MemberQuestion; readonly cell: SubjectCell; readonly span: Span; readonly raisesIn: string; readonly how: string }

/**
 * What they have depends on the kernel that runs them, or importing them does something.
 * `idlelib` and `turtledemo` open windows, `antigravity` a browser.
 */
const NOT_ASKED = /^(?:sys|builtins|__main__|__future__|antigravity|this|idlelib|turtledemo|test|google)$/

export const missingMembers: Rule = (subject) => {
  const { hasMember } = subject.circumstances
  if (hasMember === undefined) return []
  const seen = new Set<string>()
  return asked(subject).flatMap(({ question, cell, span, raisesIn, how }): Finding[] => {
    const key = `${cell.id} ${JSON.stringify(question)}`
    const runsInto = subject.cells.find(({ id }) => id === raisesIn)
    if (seen.has(key) || cell.mayRaise || runsInto?.mayRaise || hasMember(question) !== false) return []
    seen.add(key)
    return [finding("missing_member", cell, { kind: "breaks", span, why: `${sentence(question)}${how}.`, stopsAt: raisesIn })]
  })
}

/** Every question once. */
export function memberQuestions(subject: Subject): readonly MemberQuestion[] {
  return [...new Map(asked(subject).map(({ question }) => [JSON.stringify(question), question])).values()]
}

function sentence({ module, path }: MemberQuestion): string {
  if (path.length === 0) return `The environment has no \`${module}\``
  const of = [module, ...path.slice(0, -1)].join(".")
  return `The environment's \`${of}\` has no \`${path.at(-1)}\``
}

function asked(subject: Subject): readonly Asked[] {
  if (subject.language !== "python") return []
  const { modules } = subject.circumstances
  const patched = patchedModules(subject)
  const mayAsk = ({ module }: MemberQuestion) => {
    const [top = ""] = module.split(".")
    if (top === "" || NOT_ASKED.test(top) || /(?:^|\.)__main__$/.test(module) || patched.has(top)) return false
    return (modules === undefined || modules.has(top)) && !liesBeside(subject, top)
  }
  return [...ofImports(subject), ...ofReads(subject)].filter(({ question }) => mayAsk(question))
}

function ofImports({ cells }: Subject): readonly Asked[] {
  return cells.flatMap((cell) =>
    cell.names.imports.flatMap((one): Asked[] => {
      const { module, member, guarded, chance, inFunction } = one
      const isWhole = member === "" || member === "*"
      // A module without a dot is there when its name is: see missing_import.
      if (guarded || chance !== "sure" || inFunction || (isWhole && !module.includes("."))) return []
      const question = { module, path: isWhole ? [] : [member], called: false }
      return [{ question, cell, span: one, raisesIn: cell.id, how: "" }]
    }),
  )
}

function ofReads({ cells, flow }: Subject): readonly Asked[] {
  return flow.members.flatMap(({ cell: id, use, brings, raisesIn, through }): Asked[] => {
    const cell = cells.find((one) => one.id === id)
    const { path = [], called = false } = use.reads ?? {}
    if (!cell || path.length === 0) return []
    const question = { module: brings.module, path: [...(brings.member === "" ? [] : [brings.member]), ...path], called }
    const number = cells.find((one) => one.id === raisesIn)?.number
    const where = raisesIn === id ? "this cell" : `cell ${number}`
    return [{ question, cell, span: use, raisesIn, how: through === "" ? "" : `; the call of \`${through}\` in ${where} gets there` }]
  })
}

/** Modules to which the notebook itself gives something: whatever they lack before, they may have then. */
function patchedModules({ cells }: Subject): ReadonlySet<string> {
  const tops = new Map<string, string>()
  for (const { names } of cells) for (const { as, module } of names.imports) if (as !== "") tops.set(as, module.split(".")[0] ?? "")
  const given = cells.flatMap(({ names }) => [...assignedTo(names.events), ...givenByCall(names)])
  return new Set(given.flatMap((name) => tops.get(name) ?? []))
}

function assignedTo(events: readonly NameEvent[]): readonly string[] {
  return events.flatMap((event) => {
    if (event.do === "modify" && event.assigned) return [event.name]
    return event.do === "define" ? event.bodies.flatMap((body) => assignedTo(body.events)) : []
  })
}

/** `setattr(np, "float", float)`, `tqdm.pandas()`. */
function givenByCall({ calls }: CellNames): readonly string[] {
  return calls.flatMap(({ callee, args }) => {
    if (callee === "setattr" || callee === "reload" || callee.endsWith(".reload")) return [args[0]?.reads ?? ""]
    return /(?:^|\.)(?:patch\w*|monkey\w*|install\w*|pandas|register\w*)$/.test(callee) ? [callee.split(".")[0] ?? "", "pd", "pandas"] : []
  })
}
