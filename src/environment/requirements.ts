/**
 * Lists of Python requirements: as people write them (`requirements.txt`), and as they come back from a package tool with
 * every version and hash fixed. Source: pip's "Requirements File Format", PEP 508, PEP 503.
 */
import type { Package } from "#environment/description.ts"

/** The lines of a requirements file that say something: continued lines joined, comments and blanks gone. */
export function requirementLines(text: string): readonly string[] {
  return text
    .replace(/^\uFEFF/, "")
    .replace(/\\\r?\n/g, " ")
    .split(/\r\n|\r|\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, "").trim())
    .filter((line) => line !== "")
}

/** A name as indexes know it: lower case, runs of `-`, `_` and `.` are one `-` (PEP 503). */
export function normalName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, "-")
}

/** The name a requirement line is about, normalised; undefined for options and bare paths and addresses. */
export function nameOf(line: string): string | undefined {
  const [, name] = /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[|[<>=!~;@(]|$)/.exec(line) ?? []
  return name === undefined || /^[^@;]*:\/\//.test(line) ? undefined : normalName(name)
}

/** The list with the kernel that every environment needs. */
export function withKernel(lines: readonly string[]): readonly string[] {
  return lines.some((line) => nameOf(line) === "ipykernel") ? lines : [...lines, "ipykernel"]
}

const SPECIFIERS = String.raw`(?:\s*(?:===|[<>=!~]=|[<>])\s*[A-Za-z0-9.*+!_-]+(?:\s*,)?)*`
const PLAIN = new RegExp(
  String.raw`^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\s*(?:\[[A-Za-z0-9._, -]*\])?\s*(?:${SPECIFIERS}|\(${SPECIFIERS}\))\s*(?:;[^\n\r]*)?$`,
)
const LONGEST_LINE = 500

/**
 * Why a line may not stand in a list that a notebook or a request carries; undefined when it may. Only names and versions:
 * an option, path or address would let its author choose what the server reads, and where from.
 */
export function inlineProblem(line: string): string | undefined {
  const shown = JSON.stringify(line.length > 80 ? `${line.slice(0, 80)}…` : line)
  if (line.length > LONGEST_LINE) return `The requirement ${shown} is longer than ${LONGEST_LINE} characters.`
  if (line.startsWith("-")) return `The requirement ${shown} is an option of pip: here a list names packages and versions only.`
  if (/^[^;]*(@|:\/\/)/.test(line) || /^(\.|\/|~)|[\\/]/.test(line.split(";")[0] ?? ""))
    return `The requirement ${shown} names a file or an address: here a list names packages and versions of the package index only.`
  return PLAIN.test(line) ? undefined : `The requirement ${shown} is not a package name with versions, like "pandas>=2,<3".`
}

/** The packages of a file in which every version and hash is fixed: what `uv pip compile --generate-hashes` writes. */
export function lockedPackages(text: string): readonly Package[] {
  return requirementLines(text).flatMap((line) => {
    const hashes = [...line.matchAll(/--hash[= ](sha256:[0-9a-f]{64})\b/g)].map(([, hash = ""]) => hash)
    const [, name, version, url] = /^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?\s*(?:==\s*([^\s;]+)|@\s*(\S+))/.exec(line) ?? []
    // What is no package with a version is kept by what it is called, so that it is seen to have no hash.
    if (name === undefined) return line.startsWith("-") ? [] : [{ name: line.split(/\s/)[0] ?? line, version: "", hashes }]
    return [{ name: normalName(name), version: version ?? versionIn(url ?? ""), ...(url ? { url } : {}), hashes }]
  })
}

/** The version that a wheel's or archive's file name tells; "" when it tells none. */
function versionIn(url: string): string {
  const file = url.split(/[?#]/)[0]?.split("/").at(-1) ?? ""
  return /^[A-Za-z0-9._]+?-([0-9][A-Za-z0-9.+!_]*?)(?:-|\.tar\.|\.zip$)/.exec(decodeURIComponent(file))?.[1] ?? ""
}

/** A lock for uv and pip alike (`--require-hashes`); every package in it with its version and hashes, sorted by name. */
export function lockText(packages: readonly Package[]): string {
  return packages
    .map(({ name, version, url, hashes = [] }) =>
      [url ? `${name} @ ${url}` : `${name}==${version}`, ...hashes.map((hash) => `    --hash=${hash}`)].join(" \\\n"),
    )
    .map((entry) => `${entry}\n`)
    .join("")
}

/** The list is a lock already: every line with its version and a hash. */
export function isLock(lines: readonly string[]): boolean {
  return lines.length > 0 && lines.every((line) => lockedPackages(line).some(({ hashes = [] }) => hashes.length > 0))
}

/** The list with the files that it includes named from the root, so that it may be moved. */
export function anchored(lines: readonly string[], folder: string): readonly string[] {
  return lines.map((line) =>
    line.replace(
      /^(-r|--requirement|-c|--constraint)(?:\s*=\s*|\s*)(?!\/|[a-z]+:\/\/)(\S+)/,
      (_, option: string, file: string) => `${option} ${folder}/${file}`,
    ),
  )
}

/** What pip's `--report` says it would install. Source: pip, "Installation Report", version 1. */
export function reportedPackages(report: unknown): readonly Package[] {
  const items = asRecord(report)["install"]
  if (!Array.isArray(items)) return []
  return items.map((item: unknown) => {
    const { metadata, download_info, is_direct } = asRecord(item)
    const { name, version } = asRecord(metadata)
    const { url, archive_info } = asRecord(download_info)
    const { hashes, hash } = asRecord(archive_info)
    const sha256 = asRecord(hashes)["sha256"] ?? /^sha256=([0-9a-f]{64})$/.exec(String(hash ?? ""))?.[1]
    return {
      name: normalName(String(name)),
      version: String(version),
      ...(is_direct === true ? { url: String(url) } : {}),
      hashes: typeof sha256 === "string" ? [`sha256:${sha256}`] : [],
    }
  })
}

function asRecord(value: unknown): { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null ? (value as { readonly [name: string]: unknown }) : {}
}
