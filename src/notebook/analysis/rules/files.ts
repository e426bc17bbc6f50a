/** Files: those that are not there, and those that are on one machine only. */
import { type Finding, type Fix, type FixEdit, finding, type Rule, type Subject, type SubjectCell } from "#notebook/analysis/findings.ts"
import type { Argument, Call, Magic, Text } from "#notebook/analysis/names.ts"
import { missingFilesInR } from "#notebook/analysis/rules/files-r.ts"
import { tagsOf } from "#notebook/document.ts"

const READS =
  /(?:^|\.)(?:read_(?:csv|excel|table|json|parquet|pickle|feather|hdf|fwf|html|xml|stata|sas|spss|orc)|loadtxt|genfromtxt|imread|fromfile|from_file)$|^(?:np|numpy)\.load$|^(?:Image|PIL\.Image)\.open$|^(?:wavfile|scipy\.io\.wavfile)\.read$/
const WRITES =
  /(?:^|\.)(?:to_(?:csv|excel|json|parquet|pickle|feather|hdf|html|latex|markdown|stata|orc)|savefig|imsave|savetxt|savez|savez_compressed|imwrite|write_html|write_image|write_text|write_bytes|dump_svmlight_file)$|^(?:np|numpy)\.save$/
/** What may bring files that no path in the source names. */
const BRINGS =
  /(?:^|\.)(?:urlretrieve|extractall|unpack_archive|download\w*|get_file|system|popen|run|check_call|check_output|copy|copyfile|move|makedirs|mkdir|chdir|clone_from|Popen|wget|load_dataset|snapshot_download|touch|rename|symlink)$/

export const missingFiles: Rule = (subject) => {
  const { hasFile } = subject.circumstances
  if (hasFile === undefined) return []
  if (subject.language === "r") return missingFilesInR(subject, hasFile)
  const texts = onlyTexts(subject)
  const made = new Set<string>()
  let mayAppear = false
  return subject.cells.flatMap((cell) => {
    mayAppear ||= cell.names.magics.some(mayBring)
    for (const { name, line } of cell.names.magics) if (/^%(?:writefile|file)$/.test(name)) made.add(line.trim().split(/\s+/).at(-1) ?? "")
    const found: Finding[] = []
    for (const call of cell.names.calls.toSorted((a, b) => a.from - b.from)) {
      const path = pathOf(call, texts)
      if (BRINGS.test(call.callee)) mayAppear = true
      const isSure = !mayAppear && !cell.mayRaise && !call.inFunction && !call.caught && call.chance !== "unlikely"
      if (isSure && path === undefined) found.push(...noFolderFor(cell, call, { made, hasFile }))
      if (isWrite(call) && path !== undefined) {
        const folder = path.replace(/[^/]*$/, "")
        if (folder !== "" && isSure && !made.has(folder) && hasFile(folder) === false) found.push(noFolder(cell, call, folder))
        made.add(path).add(folder)
      }
      if (path !== undefined && isSure && !made.has(path) && isRead(call) && hasFile(path) === false) found.push(missing(cell, call, path))
    }
    if (!mayAppear && !cell.mayRaise) found.push(...inFunctions(subject, cell, { made, hasFile }))
    for (const { name, line, ...span } of cell.names.magics) {
      const file = name === "run" ? /^\s*(?:-\w+\s+)*([^\s-]\S*)/.exec(line)?.[1] : undefined
      const path = file === undefined || file.includes("$") ? undefined : /\.(?:py|ipy|ipynb)$/.test(file) ? file : `${file}.py`
      if (path !== undefined && !mayAppear && !made.has(path) && !cell.mayRaise && hasFile(path) === false) found.push(missing(cell, span, path))
    }
    return found
  })
}

type Known = { readonly made: ReadonlySet<string>; readonly hasFile: (path: string) => boolean | undefined }

/** Whatever comes behind it, a path through a folder that is not there leads nowhere. */
function noFolderFor(cell: SubjectCell, call: Call, { made, hasFile }: Known): readonly Finding[] {
  const first = call.args.find(({ name }) => name === "" || PATHS.test(name))
  const folder = (first?.begins ?? "").replace(/[^/]*$/, "")
  if (folder.replace(/[./]/g, "") === "" || NO_PATH.test(folder) || made.has(folder) || !(isRead(call) || isWrite(call))) return []
  return hasFile(folder) === false ? [noFolder(cell, call, folder, isRead(call) ? "to read from" : "to write to")] : []
}

/** Calls in functions that run when this cell does, with paths that stand there. */
function inFunctions(subject: Subject, cell: SubjectCell, known: Known): readonly Finding[] {
  return subject.flow.runs
    .filter(({ raisesIn }) => raisesIn === cell.id)
    .flatMap(({ body, cell: id, through }) =>
      body.calls
        .filter(({ chance, caught }) => chance === "sure" && !caught)
        .flatMap((call): readonly Finding[] => {
          const at = subject.cells.find((one) => one.id === id) ?? cell
          const path = pathOf(call, new Map())
          const isMissing = path !== undefined && isRead(call) && !known.made.has(path) && known.hasFile(path) === false
          const found = isMissing ? [missing(at, call, path)] : path === undefined ? noFolderFor(at, call, known) : []
          const where = at.id === cell.id ? "this cell" : `cell ${cell.number}`
          return found.map((one) => ({
            ...one,
            stopsAt: cell.id,
            why: `${one.why.slice(0, -1)}; the call of \`${through}\` in ${where} gets there.`,
          }))
        }),
    )
}

/** A command may leave files behind; one that installs packages leaves none that a notebook would read. */
function mayBring({ name, line }: Magic): boolean {
  if (name === "!") return !/^\s*(?:python\d?\s+-m\s+)?(?:pip\d?|conda|mamba|uv|apt(?:-get)?)\s/.test(line) || /[;&|]/.test(line)
  return /^(?:%bash|%sh|%!|cd|%script|sx|system|%system|%cmd)$/.test(name)
}

function missing(cell: SubjectCell, span: { readonly from: number; readonly to: number }, path: string): Finding {
  return finding("missing_file", cell, { kind: "breaks", span, why: `There is no file \`${path}\` where the notebook runs.` })
}

function noFolder(cell: SubjectCell, span: Call, folder: string, what = "to write to"): Finding {
  return finding("missing_file", cell, { kind: "breaks", span, why: `There is no folder \`${folder}\` ${what} where the notebook runs.` })
}

/** Names that hold one path, and never another. */
function onlyTexts({ cells }: Subject): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  const times = new Map<string, number>()
  for (const { names } of cells) {
    for (const event of names.events) if (event.do === "define") times.set(event.name, (times.get(event.name) ?? 0) + 1)
    for (const { holder, value } of names.texts) if (holder !== "") values.set(holder, value)
  }
  return new Map([...values].filter(([name]) => times.get(name) === 1))
}

const PATHS = /^(?:filepath_or_buffer|fname|path|file|filename|io)$/
const NO_PATH = /^[a-z][a-z0-9+]+:|[*?{}\n]/i

function pathOf({ args }: Call, texts: ReadonlyMap<string, string>): string | undefined {
  const first = args.find(({ name }) => name === "" || PATHS.test(name))
  const path = first === undefined ? undefined : textOf(first, texts)
  return path === undefined || path === "" || NO_PATH.test(path) ? undefined : path
}

function textOf(argument: Argument, texts: ReadonlyMap<string, string>): string | undefined {
  if (typeof argument.literal === "string") return argument.literal
  return texts.get(argument.reads)
}

function modeOf({ args }: Call): string {
  const mode = args.find(({ name }, at) => name === "mode" || (name === "" && at === 1))?.literal
  return typeof mode === "string" ? mode : "r"
}

function isRead(call: Call): boolean {
  return call.callee === "open" ? /^r[bt]?$/.test(modeOf(call)) : READS.test(call.callee)
}

export function isWrite(call: Call): boolean {
  return call.callee === "open" || /^(?:io|codecs|gzip|bz2)\.open$/.test(call.callee) ? /[wax+]/.test(modeOf(call)) : WRITES.test(call.callee)
}

const ABSOLUTE =
  /^(?:\/(?:home|Users|mnt|media|Volumes|root|opt|data|content|kaggle|dbfs|tmp|var|srv|work|scratch|export|project|projects)\/[^\s"'<>|]+|[A-Za-z]:[\\/][^\n"'<>|]+|\\\\[\w.-]+\\[^\n"'<>|]+|~\/[^\s"'<>|]+)$/

export const absolutePaths: Rule = (subject) =>
  subject.cells.flatMap((cell) =>
    cell.names.texts
      .filter(({ value }) => ABSOLUTE.test(value) && value.length < 300)
      .map((one) =>
        finding("absolute_path", cell, {
          span: one,
          why: `\`${short(one.value)}\` is a path of one machine; name it beside the notebook, or make it a parameter.`,
          fix: asParameter(subject, cell, one),
        }),
      ),
  )

/** What is written out in the middle of a call becomes a value that can be set from outside: in the parameters cell, or in a new one on top. */
function asParameter({ cells, language }: Subject, { id, cell }: SubjectCell, { from, to, value, holder }: Text): Fix | undefined {
  const literal = cell.source.slice(from, to)
  const stem =
    value
      .replace(/[\\/]+$/, "")
      .split(/[\\/]/)
      .at(-1) ?? ""
  const name = `${
    stem
      .replace(/\.\w{1,8}$/, "")
      .replace(/\W+/g, "_")
      .replace(/^(?=\d)/, "_")
      .toLowerCase() || "data"
  }_path`
  const isUsed = cells.some(({ names }) => names.events.some((event) => "name" in event && event.name === name))
  const at = cells.findIndex((one) => tagsOf(one.cell).includes("parameters"))
  const own = cells.findIndex((one) => one.id === id)
  if (language !== "python" || holder !== "" || isUsed || !/^["'][^"'\n]*["']$/.test(literal) || own <= at) return undefined
  const parameters = cells[at]
  const first = cells[0]
  const line = `${name} = ${literal}`
  const replace: FixEdit = { kind: "replace", cell: id, from, to, text: name }
  if (parameters) {
    const end = parameters.cell.source.length
    const text = `${parameters.cell.source.endsWith("\n") ? "" : "\n"}${line}`
    return {
      title: `Make it the parameter \`${name}\``,
      isSafe: false,
      edits: [{ kind: "replace", cell: parameters.id, from: end, to: end, text }, replace],
    }
  }
  const insert: FixEdit = { kind: "insert_cell", id: `parameter-${name}`.slice(0, 60), before: first?.id ?? "", source: line, tags: ["parameters"] }
  return { title: `Make it the parameter \`${name}\``, isSafe: false, edits: [insert, replace] }
}

function short(path: string): string {
  return path.length > 60 ? `${path.slice(0, 57)}…` : path
}
