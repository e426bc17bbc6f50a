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
}

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
}

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
  const plain = ALSO[lower] ?? lower
  return LOADERS[plain] ? plain : ""
}

/** A cell that begins with `%%bash` is in Bash, whatever the notebook is in. */
export function languageOfCell(type: string, text: string, notebook: string): string {
  if (type === "markdown") return "markdown"
  if (type !== "code") return ""
  const magic = /^%%(?:script\s+)?([\w+#]+)/.exec(text)?.[1]
  return (magic && knownName(magic)) || knownName(notebook)
}
