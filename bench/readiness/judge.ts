/** The static findings against what really happened. */
import type { Finding, Notebook, RuleName } from "#notebook/index.ts"
import type { Raised, Truth } from "./truth.ts"

/** The errors that a rule foretells. A name in the error has to be the one that the finding is about. */
const FORETELLS: { readonly [rule in RuleName]?: { readonly errors: RegExp; readonly isNamed?: boolean } } = {
  broken_source: { errors: /^(?:SyntaxError|IndentationError|TabError)$/ },
  newer_python: { errors: /^SyntaxError$/ },
  undefined_name: { errors: /^(?:NameError|UnboundLocalError)$/, isNamed: true },
  used_before_defined: { errors: /^(?:NameError|UnboundLocalError)$/, isNamed: true },
  used_after_deleted: { errors: /^NameError$/, isNamed: true },
  calls_a_value: { errors: /^TypeError$/ },
  missing_import: { errors: /^(?:ModuleNotFoundError|ImportError)$/ },
  missing_member: { errors: /^(?:AttributeError|ImportError|ModuleNotFoundError)$/ },
  needs_network: { errors: /^(?:ConnectionError|URLError|HTTPError|gaierror|ConnectError|OSError)$/ },
  missing_file: { errors: /^(?:FileNotFoundError|OSError|Exception|NotADirectoryError)$/ },
  magic_not_loaded: { errors: /^UsageError$/ },
  asks_for_input: { errors: /^(?:InputAsked|StdinNotImplementedError)$/ },
  stored_error: { errors: /./ },
}

export const BREAKING = Object.keys(FORETELLS) as RuleName[]

/**
 * What became of a finding: it happened; it did not; or nobody can tell, because the cell ended in something else first, or because
 * what should have been there was not made by a cell that itself ended early.
 */
export type Judgement = "right" | "wrong" | "masked"

export type Judged = { readonly finding: Finding; readonly judgement: Judgement }

export type Verdict = {
  readonly judged: readonly Judged[]
  /** The first cell that raises without being allowed to: where a rerun stops. */
  readonly stop: Raised | undefined
  /** A finding names that very stop, with its error. */
  readonly isForetold: boolean
  /** The rule whose it was to foretell that stop; undefined where it is nobody's (an index out of range). */
  readonly owed: RuleName | undefined
  /** The rules that did foretell it. */
  readonly foretoldBy: ReadonlySet<RuleName>
  /** The stop is for want of a package. */
  readonly isEnvironment: boolean
}

export function judge(notebook: Notebook, findings: readonly Finding[], truth: Truth): Verdict {
  const breaks = findings.filter(({ kind }) => kind === "breaks")
  const place = new Map(notebook.cells.map(({ id }, at) => [id, at]))
  const mayRaise = new Set(
    notebook.cells.filter(({ metadata }) => JSON.stringify(metadata["tags"] ?? []).includes("raises-exception")).map(({ id }) => id),
  )
  const stop = truth.raised.filter(({ cell }) => !mayRaise.has(cell)).toSorted((a, b) => (place.get(a.cell) ?? 0) - (place.get(b.cell) ?? 0))[0]
  const judged = breaks.map((finding) => ({ finding, judgement: judgementOf(finding, truth.raised, (id) => place.get(id) ?? 0) }))
  const foretellers = breaks.filter((finding) => finding.stopsAt === stop?.cell && fits(finding, stop))
  return {
    judged,
    stop,
    isForetold: foretellers.length > 0,
    owed: stop && owedBy(notebook, stop),
    foretoldBy: new Set(foretellers.map(({ rule }) => rule)),
    isEnvironment: stop !== undefined && /^(?:ModuleNotFoundError)$/.test(stop.ename),
  }
}

function judgementOf(finding: Finding, raised: readonly Raised[], placeOf: (id: string) => number): Judgement {
  const here = raised.find(({ cell }) => cell === finding.stopsAt)
  if (here && fits(finding, here)) return "right"
  if (here) return "masked"
  // A cell that would define the name may not have come so far; then the name is missing for another reason, or is not missing at all.
  return finding.rule === "calls_a_value" && raised.some(({ cell }) => placeOf(cell) < placeOf(finding.stopsAt)) ? "masked" : "wrong"
}

function fits({ rule, why }: Finding, { ename, evalue }: Raised): boolean {
  const foretold = FORETELLS[rule]
  if (!foretold?.errors.test(ename)) return false
  const name = /`([^`]+)`/.exec(why)?.[1] ?? ""
  return !foretold.isNamed || evalue.includes(`'${name}'`) || why.includes(`\`${/'([^']+)'/.exec(evalue)?.[1] ?? " "}\``)
}

/** By the error alone, with nothing that the rules themselves know: a rule that is silent is to be counted, too. */
function owedBy(notebook: Notebook, { cell, ename, evalue }: Raised): RuleName | undefined {
  if (ename === "NameError" || ename === "UnboundLocalError") return owedForName(notebook, cell, /'([^']+)'/.exec(evalue)?.[1] ?? "")
  return OWED.find(([error, said]) => error.test(ename) && said.test(evalue))?.[2]
}

const OWED: readonly (readonly [error: RegExp, said: RegExp, rule: RuleName])[] = [
  [/^(?:SyntaxError|IndentationError|TabError)$/, /./, "broken_source"],
  [/^ModuleNotFoundError$/, /./, "missing_import"],
  [/^ImportError$/, /./, "missing_member"],
  [/^AttributeError$/, /^(?:partially initialized )?module '|^type object '/, "missing_member"],
  [/^TypeError$/, /object is not callable$/, "calls_a_value"],
  [/^(?:FileNotFoundError|NotADirectoryError)$/, /./, "missing_file"],
  [/^UsageError$/, /magic/, "magic_not_loaded"],
  [/^(?:InputAsked|StdinNotImplementedError)$/, /./, "asks_for_input"],
  [/^(?:ConnectionError|URLError|HTTPError|gaierror|ConnectError)$/, /./, "needs_network"],
]

/** Where else its name stands to the left of `=`, or behind `def`, `class`, `import`, `as` or `del`. */
function owedForName({ cells }: Notebook, stop: string, name: string): RuleName {
  const word = name.replace(/[^\p{L}\p{N}_]/gu, "")
  const at = cells.findIndex(({ id }) => id === stop)
  const has = (pattern: RegExp, some: Notebook["cells"]) => some.some(({ cell_type, source }) => cell_type === "code" && pattern.test(source))
  const defines = new RegExp(
    `^\\s*(?:def|class)\\s+${word}\\b|^\\s*${word}\\s*(?:,[^=\\n]*)?=(?!=)|\\b(?:import|as)\\s+(?:[\\w.]+\\s*,\\s*)*${word}\\b`,
    "mu",
  )
  if (has(new RegExp(`^\\s*del\\b.*\\b${word}\\b`, "mu"), cells.slice(0, at + 1))) return "used_after_deleted"
  return has(defines, cells.slice(at + 1)) ? "used_before_defined" : "undefined_name"
}
