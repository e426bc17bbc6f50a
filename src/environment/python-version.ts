/**
 * Which interpreters a `requires-python` allows. Source: PEP 440, "Version specifiers"; interpreters have versions of
 * the simple kind (3.12.4, 3.14.0rc1), so epochs and local versions are not read.
 */
import { accepted, type Outcome, refused } from "#base/outcome.ts"

type Version = { readonly release: readonly number[]; readonly isPre: boolean }
type Clause = { readonly operator: string; readonly version: Version; readonly isPrefix: boolean; readonly text: string }
export type Specifier = readonly Clause[]

/** Refused with the part that cannot be read. */
export function readSpecifier(text: string): Outcome<Specifier, string> {
  const clauses: Clause[] = []
  for (const part of text.split(",").map((each) => each.trim())) {
    if (part === "") continue
    const [, operator = "", version = "", star] =
      /^(===|~=|==|!=|<=|>=|<|>)\s*([0-9]+(?:\.[0-9]+)*(?:(?:a|b|rc|\.dev)[0-9]+)?)(\.\*)?$/.exec(part) ?? []
    const isPrefix = star !== undefined
    if (operator === "" || (isPrefix && operator !== "==" && operator !== "!=")) return refused(part)
    if (operator === "~=" && !version.includes(".")) return refused(part)
    clauses.push({ operator, version: readVersion(version), isPrefix, text: version })
  }
  return accepted(clauses)
}

/** Whether an interpreter of that version will do. */
export function allows(specifier: Specifier, version: string): boolean {
  return specifier.every((clause) => allowsOne(clause, version))
}

function allowsOne({ operator, version: wanted, isPrefix, text }: Clause, asked: string): boolean {
  const version = readVersion(asked)
  switch (operator) {
    case "===":
      return asked === text
    case "==":
      return isPrefix ? startsWith(version, wanted.release) : compare(version, wanted) === 0
    case "!=":
      return isPrefix ? !startsWith(version, wanted.release) : compare(version, wanted) !== 0
    case "~=":
      return compare(version, wanted) >= 0 && startsWith(version, wanted.release.slice(0, -1))
    case ">=":
      return compare(version, wanted) >= 0
    case "<=":
      return compare(version, wanted) <= 0
    case ">":
      return compare(version, wanted) > 0
    default:
      return compare(version, wanted) < 0
  }
}

function readVersion(text: string): Version {
  const release = /^[0-9]+(?:\.[0-9]+)*/.exec(text)?.[0] ?? "0"
  return { release: release.split(".").map(Number), isPre: text.length > release.length }
}

function compare(a: Version, b: Version): number {
  for (let i = 0; i < Math.max(a.release.length, b.release.length); i++) {
    const difference = (a.release[i] ?? 0) - (b.release[i] ?? 0)
    if (difference !== 0) return difference
  }
  // A release candidate comes before the release; two of them are not told apart.
  return Number(b.isPre) - Number(a.isPre)
}

function startsWith({ release }: Version, prefix: readonly number[]): boolean {
  return prefix.every((part, i) => (release[i] ?? 0) === part)
}
