/** What the editors know of languages. Each is fetched when a notebook first needs it. */
import { type Language, StreamLanguage } from "@codemirror/language"
import { storeOf } from "#web/notebook/store.ts"

const LOADERS: Readonly<Record<string, () => Promise<Language>>> = {
  python: async () => (await import("@codemirror/lang-python")).pythonLanguage,
  javascript: async () => (await import("@codemirror/lang-javascript")).javascriptLanguage,
  typescript: async () => (await import("@codemirror/lang-javascript")).typescriptLanguage,
  markdown: async () => (await import("@codemirror/lang-markdown")).markdownLanguage,
  json: async () => (await import("@codemirror/lang-json")).jsonLanguage,
  sql: async () => (await import("@codemirror/lang-sql")).StandardSQL.language,
  r: async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/r")).r),
  julia: async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/julia")).julia),
  bash: async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/shell")).shell),
  scala: async () => StreamLanguage.define((await likeC()).scala),
  kotlin: async () => StreamLanguage.define((await likeC()).kotlin),
  java: async () => StreamLanguage.define((await likeC()).java),
  c: async () => StreamLanguage.define((await likeC()).c),
  "c++": async () => StreamLanguage.define((await likeC()).cpp),
  "c#": async () => StreamLanguage.define((await likeC()).csharp),
  "f#": async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/mllike")).fSharp),
  ocaml: async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/mllike")).oCaml),
  powershell: async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/powershell")).powerShell),
  matlab: async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/octave")).octave),
  go: async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/go")).go),
  rust: async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/rust")).rust),
  ruby: async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/ruby")).ruby),
  perl: async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/perl")).perl),
  lua: async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/lua")).lua),
  haskell: async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/haskell")).haskell),
  groovy: async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/groovy")).groovy),
  clojure: async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/clojure")).clojure),
  swift: async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/swift")).swift),
  fortran: async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/fortran")).fortran),
  sas: async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/sas")).sas),
  html: async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/xml")).html),
  xml: async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/xml")).xml),
  css: async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/css")).css),
  latex: async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/stex")).stex),
  yaml: async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/yaml")).yaml),
  toml: async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/toml")).toml),
}

const likeC = () => import("@codemirror/legacy-modes/mode/clike")

const ALSO: Readonly<Record<string, string>> = {
  ipython: "python",
  python3: "python",
  py: "python",
  pyspark: "python",
  js: "javascript",
  jsx: "javascript",
  node: "javascript",
  deno: "typescript",
  ts: "typescript",
  sh: "bash",
  shell: "bash",
  zsh: "bash",
  md: "markdown",
  ipythongfm: "markdown",
  postgresql: "sql",
  mysql: "sql",
  sqlite: "sql",
  cpp: "c++",
  xcpp: "c++",
  csharp: "c#",
  cs: "c#",
  fsharp: "f#",
  fs: "f#",
  pwsh: "powershell",
  ps: "powershell",
  octave: "matlab",
  golang: "go",
  rs: "rust",
  rb: "ruby",
  svg: "html",
  tex: "latex",
  yml: "yaml",
}

export const KNOWN_LANGUAGES: readonly string[] = Object.keys(LOADERS)

/** Those that are here; whoever draws code is told when one more is. */
export const languages = storeOf<ReadonlyMap<string, Language>>(new Map())
const asked = new Set<string>()

/** The language if it is here; otherwise it is fetched, and `languages` tells. */
export function languageNamed(name: string): Language | undefined {
  const known = knownName(name)
  const language = languages.get().get(known)
  if (!language) fetchLanguage(known).catch(() => asked.delete(known))
  return language
}

async function fetchLanguage(name: string): Promise<void> {
  const known = knownName(name)
  const load = LOADERS[known]
  if (!load || asked.has(known)) return
  asked.add(known)
  const language = await load()
  languages.change((was) => new Map(was).set(known, language))
}

/** "python" of "ipython3"; "" when it is none of those that are known here. */
export function knownName(name: string): string {
  const lower = name.toLowerCase().replace(/\d+$/, "")
  const plain = Object.hasOwn(ALSO, lower) ? ALSO[lower]! : lower
  return Object.hasOwn(LOADERS, plain) ? plain : ""
}

/** A cell that begins with `%%bash` is in Bash, whatever the notebook is in. */
export function languageOfCell(type: string, text: string, notebook: string): string {
  if (type === "markdown") return "markdown"
  if (type !== "code") return ""
  const magic = /^%%(?:script\s+)?([\w+#]+)/.exec(text)?.[1]
  return (magic && knownName(magic)) || knownName(notebook)
}
