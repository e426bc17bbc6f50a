/** Why a package tool failed, in one sentence of its own words. Pure: what it said is the argument. */

/** The resolver's reason: uv's causes, pip's last errors; whole words, at most 400 characters. */
export function resolversReason(output: string): string {
  const lines = output
    .replace(/\u001b\[[0-9;]*m/g, "")
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "")
  const found = fromUv(lines) || fromPip(lines) || (lines.at(-1) ?? "it said nothing")
  return cut(found.replace(/\s+/g, " ").replace(/[.:]$/, ""))
}

/** uv says `error: …` and then one `cause: …` after the other; older ones draw a tree: `× …`, `╰─▶ …`. */
function fromUv(lines: readonly string[]): string {
  const start = lines.findIndex((line) => /^(?:error:|cause:|×|[├╰]─▶)/.test(line))
  if (start < 0) return ""
  const end = lines.findIndex((line, i) => i > start && /^(?:hint:|\[hint|help:|💡)/.test(line))
  const told = lines.slice(start, end < 0 ? undefined : end).map((line) => line.replace(/^(?:error:|cause:|×|[├╰]─▶|│)\s*/, ""))
  const causes = told.filter((line) => line !== "" && !/^No solution found when resolving/.test(line))
  return causes.join(" ") || told.join(" ")
}

function fromPip(lines: readonly string[]): string {
  const errors = lines.filter((line) => /^ERROR: /.test(line)).map((line) => line.replace(/^ERROR: /, ""))
  const conflict = lines.filter((line) => /depends on|The user requested/.test(line)).slice(0, 4)
  // pip ends with a general line; what is particular stands before it.
  const [first = ""] = errors.filter((line) => !/ResolutionImpossible|^No matching distribution/.test(line))
  const chosen = first || errors.at(-1) || ""
  return conflict.length > 0 && chosen !== "" ? `${chosen} (${conflict.join("; ")})` : chosen
}

const LONGEST = 400

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST).replace(/\s\S*$/, "")} …`
}
