/** Files that an R notebook reads and that are not there. */
import { type Finding, finding, type Subject } from "#notebook/analysis/findings.ts"
import type { Argument, Call } from "#notebook/analysis/names.ts"

const READS =
  /^\.?(?:read\.(?:csv2?|table|delim2?|fwf|dcf|xlsx)|read_(?:csv2?|tsv|delim|table|lines|file|rds|excel|xlsx?|fwf|parquet|json)|readRDS|readLines|scan|fread|load|source)$/
const WRITES =
  /^\.?(?:write\w*|write\.\w+|write_\w+|fwrite|saveRDS|save|save\.image|sink|dump|dput|cat|ggsave|png|pdf|jpeg|svg|tiff|bmp|saveWorkbook|export|file)$/
/** What may bring files that no path in the source names, or reads from another folder. */
const BRINGS =
  /^\.?(?:download\w*(?:\.file)?|\w+_download|curl_\w+|GET|req_perform|write_disk|unzip|untar|gunzip|bunzip2|system2?|shell|pipe|file\.(?:copy|rename|create|symlink|link)|file_(?:copy|move|create)|dir\.create|setwd|local_dir|with_dir|source|sys\.source|getURL|clone|git_clone|render|knit|pin_download|piggyback|eval|do\.call)$/
const PATH = /^(?:file|path|con|input|filename|description|x)$/
/** Nothing that could be an address, a command, a pattern, or the data itself. */
const PLAIN = /^(?:\.{1,2}\/)*[\p{L}\p{N}_ .-]+(?:\/[\p{L}\p{N}_ .-]+)*\.[A-Za-z0-9]{1,8}$/u

export function missingFilesInR(subject: Subject, hasFile: (path: string) => boolean | undefined): readonly Finding[] {
  const { cells } = subject
  const named = namedElsewhere(subject)
  let mayAppear = false
  return cells.flatMap((cell) => {
    mayAppear ||= cell.names.brokenAt.length > 0 || cell.names.mentions.length > 0
    return cell.names.calls
      .toSorted((a, b) => a.from - b.from)
      .flatMap((call): Finding[] => {
        const path = READS.test(call.callee) ? pathOf(call) : undefined
        const isSure = !mayAppear && !cell.mayRaise && !call.inFunction && !call.caught && call.chance === "sure"
        if (BRINGS.test(call.callee) || writesSomewhere(call)) mayAppear = true
        if (!isSure || path === undefined || named.has(path) || hasFile(path) !== false) return []
        return [finding("missing_file", cell, { kind: "breaks", span: call, why: `There is no file \`${path}\` where the notebook runs.` })]
      })
  })
}

/** To a path that is not written out. `cat` writes only where it is told a file. */
function writesSomewhere({ callee, args }: Call): boolean {
  const told = args.filter(({ name }) => PATH.test(name))
  if (callee === "cat") return told.some(({ name, literal }) => name === "file" && typeof literal !== "string")
  return WRITES.test(callee) && args.every(({ literal }) => typeof literal !== "string")
}

function pathOf({ args }: Call): string | undefined {
  const argument: Argument | undefined = args.find(({ name }) => PATH.test(name)) ?? args.find(({ name }) => name === "")
  const path = argument?.literal
  return typeof path === "string" && PLAIN.test(path) ? path : undefined
}

/** Paths that stand somewhere else than in what reads them: something may write them. */
function namedElsewhere({ cells }: Subject): ReadonlySet<string> {
  const times = new Map<string, number>()
  const count = (path: string, by: number) => times.set(path, (times.get(path) ?? 0) + by)
  for (const { names } of cells) {
    for (const { value } of names.texts) count(value, 1)
    for (const call of names.calls) if (READS.test(call.callee)) count(pathOf(call) ?? "", -1)
  }
  return new Set([...times].filter(([, left]) => left > 0).map(([path]) => path))
}
