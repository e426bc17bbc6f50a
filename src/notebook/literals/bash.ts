/** Bash, as papermill writes it where Bash reads that as it was meant. A shell holds text: numbers are their digits. */
import { floatText } from "#notebook/literals/number.ts"
import { hex } from "#notebook/literals/text.ts"
import type { Limits, Value } from "#notebook/literals/value.ts"
import type { Writer } from "#notebook/literals/writer.ts"

const UNREAL = { nan: "nan", plus: "inf", minus: "-inf" }
const SHORT: { readonly [byte: number]: string } = { 9: "\\t", 10: "\\n", 13: "\\r", 92: "\\\\" }
// In a terminal, history expansion looks for "!" wherever it thinks that a quote has ended.
const NUMBERED = new Set(["'".charCodeAt(0), "!".charCodeAt(0)])
const LIMITS: Limits = { nul: false, depth: 1, emptyKeys: false }

export const bash: Writer = {
  limits: LIMITS,
  comment: (text) => `# ${text}`.trim(),
  literal: write,
  assign: ({ name, literal, value }) => (value.is === "map" ? `declare -A ${name}=${literal}` : `${name}=${literal}`),
}

function write(value: Value): string {
  switch (value.is) {
    case "null":
      return ""
    case "boolean":
      return value.value ? "true" : "false"
    case "integer":
      return value.digits
    case "float":
      // A shell's numbers are text: 1.10 may be a version.
      return Number.isFinite(value.value) ? value.spelled : floatText(value.value, UNREAL)
    case "text":
      return bashText(value.value)
    case "list":
      return `(${value.items.map((item) => write(item) || "''").join(" ")})`
    case "map":
      return `(${value.entries.map(([key, item]) => `[${bashKey(key)}]=${write(item) || "''"}`).join(" ")})`
  }
}

/** A word for printable ASCII and newlines as `shlex.quote` of Python forms it. */
export function bashText(text: string): string {
  if (/^[A-Za-z0-9@%+=:,./_-]+$/.test(text)) return text
  // What is read by a terminal (as the Bash kernel does) must hold no control character: Tab would complete, Ctrl-C interrupt.
  return /^[ -~\n]*$/.test(text) ? `'${text.replaceAll("'", `'"'"'`)}'` : ansiText(text)
}

/** Bytes of UTF-8 in $'…': the same in every locale and through every terminal. */
function ansiText(text: string): string {
  const bytes = Array.from(
    new TextEncoder().encode(text),
    (byte) => SHORT[byte] ?? (byte >= 32 && byte < 127 && !NUMBERED.has(byte) ? String.fromCharCode(byte) : `\\x${hex(byte, 2)}`),
  )
  return `$'${bytes.join("")}'`
}

/** Quoted always: a bare @ or * as a subscript means every element. */
function bashKey(key: string): string {
  return /^[ -~]*$/.test(key) ? `'${key.replaceAll("'", `'"'"'`)}'` : ansiText(key)
}
