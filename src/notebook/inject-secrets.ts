/**
 * Secrets do not stand in the cell: it reads them, once, from a private file that it deletes. Here is the code that does
 * so in each language and what the file must hold; who runs the notebook writes the file (mode 0600, in a directory of
 * mode 0700) before the cell is executed, and removes it if the cell never was.
 */
import { type Json, type JsonObject, write } from "#base/json.ts"
import type { Bindings } from "#notebook/bind.ts"
import { type Language, titleOf } from "#notebook/languages.ts"
import { bashText } from "#notebook/literals/bash.ts"
import { juliaText } from "#notebook/literals/julia.ts"
import { powershellText } from "#notebook/literals/powershell.ts"
import { pythonText } from "#notebook/literals/python.ts"
import { rText } from "#notebook/literals/r.ts"
import { scriptText } from "#notebook/literals/script.ts"

export type SecretReader = {
  /** One JSON object, or the texts in the order of the bindings, each ended by U+0000, where no JSON reader comes with the language. */
  readonly holds: "json" | "texts"
  readonly open: (path: string, names: readonly string[]) => readonly string[]
  /** The expression that is the secret; "" where `open` has already assigned it. */
  readonly take: (name: string) => string
  readonly close: readonly string[]
  /** Takes the variables away again, and what the kernel remembers of what was shown. */
  readonly forget: (names: readonly string[]) => string
}

const python: SecretReader = {
  holds: "json",
  open: (path) => [
    "import json as _stet_json, os as _stet_os",
    `with open(${pythonText(path)}, encoding="utf-8") as _stet_file:`,
    "    _stet_secrets = _stet_file.read()",
    `_stet_os.remove(${pythonText(path)})`,
    "_stet_secrets = _stet_json.loads(_stet_secrets)",
  ],
  take: (name) => `_stet_secrets[${pythonText(name)}]`,
  close: ["del _stet_json, _stet_os, _stet_file, _stet_secrets"],
  forget: (names) =>
    `for _stet_name in [${names.map(pythonText).join(", ")}]: globals().pop(_stet_name, None)\nglobals().pop("_stet_name", None)\nget_ipython().displayhook.flush()`,
}

const r: SecretReader = {
  holds: "texts",
  open: (path, names) => [
    ".stet_secrets = (function(path, names) {",
    '  bytes = readBin(path, "raw", file.size(path))',
    "  unlink(path)",
    "  ends = which(bytes == as.raw(0))",
    "  starts = c(1, head(ends, -1) + 1)",
    "  texts = Map(function(from, to) rawToChar(bytes[seq_len(to - from) + from - 1]), starts, ends)",
    '  texts = lapply(texts, function(text) { Encoding(text) = "UTF-8"; text })',
    "  stats::setNames(texts, names)",
    `})(${rText(path)}, c(${names.map(rText).join(", ")}))`,
  ],
  take: (name) => `.stet_secrets[[${rText(name)}]]`,
  close: ["rm(.stet_secrets)"],
  forget: (names) => `rm(list = intersect(c(${names.map(rText).join(", ")}), ls(globalenv(), all.names = TRUE)), envir = globalenv())`,
}

const julia: SecretReader = {
  holds: "texts",
  open: (path, names) => [
    `_stet_secrets = Dict(zip([${names.map(juliaText).join(", ")}], split(read(${juliaText(path)}, String), '\\0')));`,
    `rm(${juliaText(path)});`,
  ],
  take: (name) => `String(_stet_secrets[${juliaText(name)}]);`,
  // The last value of a cell is shown: it must not be a secret.
  close: ["_stet_secrets = nothing"],
  forget: (names) => [...names.map((name) => `${name} = nothing`), "nothing"].join("\n"),
}

const bash: SecretReader = {
  holds: "texts",
  open: (path, names) => [`{ ${names.map((name) => `IFS= read -r -d '' ${name};`).join(" ")} } < ${bashText(path)}`, `rm -f -- ${bashText(path)}`],
  take: () => "",
  close: [],
  forget: (names) => `unset ${names.join(" ")}`,
}

const powershell: SecretReader = {
  holds: "json",
  open: (path) => [
    `$_stet_secrets = [IO.File]::ReadAllText(${powershellText(path)}) | ConvertFrom-Json`,
    `Remove-Item -LiteralPath ${powershellText(path)}`,
  ],
  take: (name) => `$_stet_secrets.${powershellText(name)}`,
  close: ["Remove-Variable _stet_secrets"],
  forget: (names) => `Remove-Variable ${names.join(", ")} -ErrorAction SilentlyContinue`,
}

const deno: SecretReader = {
  holds: "json",
  open: (path) => [`let _stet_secrets = Deno.readTextFileSync(${scriptText(path)});`, `Deno.removeSync(${scriptText(path)});`, PARSE],
  take: (name) => `_stet_secrets[${scriptText(name)}]`,
  close: ["_stet_secrets = undefined;"],
  forget: (names) => names.map((name) => `${name} = undefined;`).join("\n"),
}

const PARSE = "_stet_secrets = JSON.parse(_stet_secrets);"

const node: SecretReader = {
  ...deno,
  open: (path) => [
    `let _stet_secrets = require("node:fs").readFileSync(${scriptText(path)}, "utf8");`,
    `require("node:fs").unlinkSync(${scriptText(path)});`,
    PARSE,
  ],
}

/** Kernels of other languages echo what a cell assigns, or lack a way to read without leaving traces. */
const READERS: { readonly [language in Language]?: SecretReader } = { python, r, julia, bash, powershell, javascript: node, typescript: deno }

export function secretReader(language: Language): SecretReader | undefined {
  return READERS[language]
}

/** Why these secrets cannot be delivered to that language; undefined when they can. */
export function secretProblem(language: Language, name: string, value: Json): string | undefined {
  const reader = READERS[language]
  if (!reader)
    return `The parameter ${name} is a secret, and Stet knows no safe way to hand a secret to ${titleOf(language)}. Let the notebook read it itself.`
  if (reader.holds === "json") return undefined
  if (typeof value !== "string") return `The parameter ${name} is a secret, and in ${titleOf(language)} a secret must be a text.`
  return value.includes("\0") ? `The parameter ${name} is a secret that holds U+0000, which a text in ${titleOf(language)} cannot.` : undefined
}

/**
 * What the file must hold for the cell that `inject` wrote with the same bindings; "" when there is no secret among them.
 * `inject` has refused what cannot be delivered.
 */
export function secretDocument(bindings: Bindings, language: Language): string {
  const secrets = bindings.filter((binding) => binding.secret)
  if (secrets.length === 0) return ""
  if (READERS[language]?.holds === "texts") return secrets.map(({ value }) => `${String(value)}\0`).join("")
  return write(Object.fromEntries(secrets.map(({ name, value }) => [name, value])) as JsonObject)
}

/** What takes secrets out of a kernel again, as far as they are in the variables that `inject` made; undefined where nothing does. */
export function forgetting(language: Language, names: readonly string[]): string | undefined {
  return names.length === 0 ? "" : READERS[language]?.forget(names)
}
