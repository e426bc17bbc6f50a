/** What Python source names: from its syntax tree, IPython's own lines from their form. */
import { parser } from "@lezer/python"
import { type Import, type Mentions, NOTHING, together } from "#library/manifest-mentions.ts"
import { images, quotedTexts, shellWords } from "#library/manifest-words.ts"
import { nodesOf, parsedBy, type Syntax, textOf } from "#notebook/index.ts"

/** Longer sources are data; their quotes are looked at, and their imports by line. */
const LONGEST = 200_000

const CELL_MAGIC = /^\s*%%(\w+)([^\n]*)\n?/
/** Magics that run the rest of their cell, and of their line, as Python. */
const PYTHON_MAGICS = new Set(["time", "timeit", "capture", "prun", "python", "python3", "pypy", "debug", "memit", "mprun", "lprun"])
const SHELL_MAGICS = new Set(["bash", "sh", "script", "cmd", "system", "sx", "!"])
const TEXT_MAGICS = new Set(["html", "markdown", "latex", "svg"])
const WRITES = new Set(["writefile", "file"])
const LANGUAGES: { readonly [magic: string]: string } = { R: "r", r: "r", julia: "julia", js: "javascript", javascript: "javascript", sql: "sql" }

/** A cell of a notebook whose kernel is IPython's. */
export function mentionsInCell(source: string): Mentions {
  const match = CELL_MAGIC.exec(source)
  if (!match) return mentionsInPython(source)
  const [head, name = "", words = ""] = match
  const body = source.slice(head.length)
  const line = shellWords(words)
  if (PYTHON_MAGICS.has(name)) return together([mentionsInPython(words), mentionsInPython(body)])
  if (SHELL_MAGICS.has(name)) return together([line, shellWords(body)])
  if (TEXT_MAGICS.has(name)) return images(body)
  // What it writes is not needed from elsewhere, and what is written does not run here.
  if (WRITES.has(name)) return NOTHING
  return together([line, quotedTexts(body, LANGUAGES[name] ?? "python")])
}

/** A module, or a cell without a magic at its head. */
export function mentionsInPython(source: string): Mentions {
  const { python, magics } = apart(source)
  if (python.length > LONGEST) return together([magics, quotedTexts(python, "python"), byLine(python)])
  const { root, brokenAt } = parsedBy(parser, python)
  const known = fromTree(python, root)
  // Beyond a line that is no Python the tree may say nothing.
  return brokenAt.length === 0 ? together([magics, known]) : together([magics, known, quotedTexts(python, "python"), byLine(python)])
}

const LINE_MAGIC = /^(\s*)(?:[\w., \t]+=[ \t]*)?%([a-zA-Z]\w*)[ \t]*(.*)$/
const SHELL_LINE = /^(\s*)(?:[\w., \t]+=[ \t]*)?!{1,2}([^=].*)$/

/** IPython's own lines blanked out, and what they name. */
function apart(source: string): { readonly python: string; readonly magics: Mentions } {
  if (!/^[^"'#\n]*[%!]/m.test(source)) return { python: source, magics: NOTHING }
  const found: Mentions[] = []
  // A command goes on after a line's last backslash.
  const python = source.replace(/(?:[^\n\\]|\\(?!\n)|\\\n)+/g, (line) => {
    const magic = LINE_MAGIC.exec(line.replace(/\\\n/g, " "))
    const shell = magic ? undefined : SHELL_LINE.exec(line.replace(/\\\n/g, " "))
    if (!magic && !shell) return line
    found.push(magic ? fromMagic(magic[2] ?? "", magic[3] ?? "") : shellWords(shell?.[2] ?? ""))
    return line.replace(/[^\n]/g, " ")
  })
  return { python, magics: together(found) }
}

function fromMagic(name: string, rest: string): Mentions {
  if (PYTHON_MAGICS.has(name)) return mentionsInPython(rest.replace(/^(?:-\S+\s+)*/, ""))
  const words = shellWords(rest)
  if (name === "run") return { ...words, runs: words.texts.slice(0, 1) }
  if (name === "load_ext" || name === "reload_ext") return { ...words, imports: words.texts.map((module) => ({ level: 0, module, names: [] })) }
  return words
}

function fromTree(source: string, root: Syntax): Mentions {
  const nodes = nodesOf(
    root,
    ({ kind }) =>
      kind === "ImportStatement" || kind === "String" || kind === "FormatString" || kind === "CallExpression" || kind === "BinaryExpression",
  )
  const calls = nodes.filter(({ kind }) => kind === "CallExpression")
  const joins = nodes.filter(({ kind }) => kind === "BinaryExpression").concat(calls)
  return {
    imports: [
      ...nodes.filter(({ kind }) => kind === "ImportStatement").flatMap((node) => importsOf(textOf(source, node))),
      ...calls.flatMap((call) => imported(source, call)),
    ],
    texts: [...nodes.flatMap((node) => literal(source, node)), ...joins.flatMap((node) => joined(source, node))],
    runs: calls.filter((call) => /^(?:runpy\.)?run_path$/.test(calledBy(source, call))).flatMap((call) => literals(source, call)),
    roots: calls
      .filter((call) => /\bsys\.path\.(?:append|insert|extend)$|^(?:site\.)?addsitedir$/.test(calledBy(source, call)))
      .flatMap((call) => rootsOf(source, call)),
  }
}

function calledBy(source: string, call: Syntax): string {
  return textOf(source, call.children[0]).replace(/\s/g, "")
}

/** The literal texts anywhere below. */
function literals(source: string, node: Syntax): string[] {
  return nodesOf(node, ({ kind }) => kind === "String" || kind === "FormatString").flatMap((one) => literal(source, one))
}

/** `sys.path.insert(0, os.path.join("..", "lib"))` names `..`, `lib` and `../lib`. */
function rootsOf(source: string, call: Syntax): string[] {
  return [
    ...literals(source, call),
    ...nodesOf(call, ({ kind }) => kind === "CallExpression" || kind === "BinaryExpression").flatMap((node) => joined(source, node)),
  ]
}

/** `importlib.import_module("a.b")` and `__import__("a")`. */
function imported(source: string, call: Syntax): Import[] {
  if (!/(?:^|\.)(?:import_module|__import__)$/.test(calledBy(source, call))) return []
  return literals(source, call).map((text) => {
    const dots = /^\.*/.exec(text)?.[0].length ?? 0
    return { level: dots, module: text.slice(dots), names: [] }
  })
}

/** Parts of a path that are put together: `Path("data") / "x.csv"`, `os.path.join("data", "x.csv")`. */
function joined(source: string, node: Syntax): string[] {
  const isDivision = node.kind === "BinaryExpression" && node.children.some((child) => child.kind === "ArithOp" && textOf(source, child) === "/")
  const isJoin = node.kind === "CallExpression" && /(?:^|\.)(?:join|joinpath|Path|PurePath)$/.test(calledBy(source, node))
  if (!isDivision && !isJoin) return []
  const parts = literals(source, node).filter((part) => part !== "")
  return parts.length > 1 ? [parts.join("/")] : []
}

/** What a literal says; what is put into an f-string becomes a `*`. Bytes are no path that people write. */
function literal(source: string, node: Syntax): string[] {
  if (node.kind !== "String" && node.kind !== "FormatString") return []
  const match = /^([a-zA-Z]*)("""|'''|"|')([\s\S]*)\2$/.exec(withStars(source, node))
  const [, prefix = "", , body = ""] = match ?? []
  if (!match || /b/i.test(prefix) || body === "" || body.length > 1024) return []
  return [/r/i.test(prefix) ? body : unescaped(body)]
}

function withStars(source: string, node: Syntax): string {
  let text = ""
  let from = node.from
  for (const child of node.children.filter(({ kind }) => kind === "FormatReplacement")) {
    text += `${source.slice(from, child.from)}*`
    from = child.to
  }
  // `"%s.csv" % name` and `"{}.csv".format(name)` are patterns as well.
  return (text + source.slice(from, node.to)).replace(/%(?:\(\w+\))?[-+#0 ]*\d*(?:\.\d+)?[sdif]|\{[^{}*]*\}/g, "*")
}

function unescaped(body: string): string {
  return body.replace(/\\(?:\n|([\\'"])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4}))/g, (_, plain?: string, two?: string, four?: string) => {
    const code = two ?? four
    return code === undefined ? (plain ?? "") : String.fromCharCode(Number.parseInt(code, 16))
  })
}

/** The modules of one import statement. */
function importsOf(statement: string): Import[] {
  const text = statement
    .replace(/#[^\n]*/g, "")
    .replace(/\\\r?\n|[\s()]+/g, " ")
    .trim()
  const from = /^from ?(\.[. ]*)? ?([\p{L}\p{N}_. ]*?) import ?(.*)$/u.exec(text)
  if (from) {
    const names = namesIn(from[3] ?? "").filter((name) => name !== "*")
    return [{ level: (from[1] ?? "").replaceAll(" ", "").length, module: (from[2] ?? "").replaceAll(" ", ""), names }]
  }
  const plain = /^import (.*)$/.exec(text)
  return namesIn(plain?.[1] ?? "").map((module) => ({ level: 0, module, names: [] }))
}

function namesIn(list: string): string[] {
  const names = list.split(",").map((one) => one.replace(/ as .*$/, "").replaceAll(" ", ""))
  return names.filter((name) => name !== "")
}

/** Imports by the look of their lines, where there is no tree. */
function byLine(source: string): Mentions {
  const statements = Array.from(
    source.matchAll(/^[ \t]*((?:from[ \t]+[\w.]+[ \t]+import|import[ \t]+[\w.])(?:[^\n(]|\([^)]*\))*)/gm),
    (match) => match[1] ?? "",
  )
  return { ...NOTHING, imports: statements.flatMap(importsOf) }
}
