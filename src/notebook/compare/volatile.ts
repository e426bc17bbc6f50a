/**
 * What in a text is of the moment and not of the result: addresses, times, durations, memory, progress, process ids, temporary
 * paths, generated ids. Each is found by what stands around it, because a number alone says nothing: `3.2 s` is a duration, `3.2` a
 * result; a date is of now only when it is near the time at which the notebook ran.
 *
 * Every quantifier is bounded: a text of a megabyte must not take more than its length.
 */
import type { Terms } from "#notebook/compare/sameness.ts"

export type VolatileKind = "address" | "uuid" | "id" | "path" | "process" | "port" | "time" | "duration" | "rate" | "memory" | "progress" | "number"

/** As said in a sentence: "memory addresses and durations". */
const WORDS: Readonly<Record<VolatileKind, string>> = {
  address: "memory addresses",
  uuid: "generated ids",
  id: "generated ids",
  path: "temporary paths",
  process: "process ids",
  port: "ports",
  time: "times of the run",
  duration: "durations",
  rate: "rates",
  memory: "memory sizes",
  progress: "progress",
  number: "rounding",
}

/** A piece of a line that may differ: found as this kind, written so. */
export type Piece = { readonly kind: VolatileKind; readonly text: string }

/** A line with its volatile pieces taken out: two are alike when their frames are equal and their pieces pass. */
export type Masked = { readonly frame: string; readonly pieces: readonly Piece[] }

type Pattern = { readonly kind: VolatileKind; readonly find: RegExp; readonly where?: RegExp }

const NUMBER = String.raw`\d{1,15}(?:[.,]\d{1,25})?(?:[eE][+-]?\d{1,3})?`
const ABOUT_TIME = /\b(?:took|takes|elapsed|time[ds]?|duration|finished|completed|done|eta|wall|cpu|runtime|latency|per loop)\b|\bin \d/i
const ABOUT_WAITING = /\b(?:took|elapsed|finished|completed|eta|wall|cpu|runtime)\b/i
const ABOUT_MEMORY = /\b(?:memory|rss|vms|heap|ram|mem|increment|peak|allocated|reserved)\b/i
const PROGRESS = /\d{1,3}%\s?\||[█▉▊▋▌▍▎▏░▒▓━╸╺]{3,}|\[[=#]{1,200}>?[.\-\s]{0,200}\]|\bETA\b/
const DAYS = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
const MONTHS = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
const CLOCK = String.raw`\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?`
const ZONE = String.raw`(?:\s?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?`

// In this order: what one has taken, the next does not see.
const PATTERNS: readonly Pattern[] = [
  { kind: "uuid", find: /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi },
  { kind: "address", find: /(?<=(?:\bat|environment:|bytecode:|pointer:|object|cdata|id=|Ptr)[ :=]{0,2}@?)0x[0-9a-f]{4,16}\b/gi },
  { kind: "address", find: /\b0x(?:7[ef][0-9a-f]{10}|5[56][0-9a-f]{10}|0000[0-9a-f]{12})\b/gi },
  // IPython's cells have files of their own; R, pytest and tempfile name directories by chance.
  { kind: "path", find: /(?:\/[\w.-]{1,80}){0,8}\/ipykernel_\d{1,10}\/\d{1,12}\.py/g },
  { kind: "path", find: /<ipython-input-\d{1,9}-[0-9a-f]{6,32}>|<stdin-\d+>/g },
  {
    kind: "path",
    find: /(?:\/[\w.-]{1,80}){0,8}\/(?:tmp[a-z0-9_]{8}|Rtmp[A-Za-z0-9]{6}|pytest-\d{1,9}|pip-[\w-]{4,40}|kernel-[0-9a-f-]{8,40})(?=[/\s'"),:;]|$)/g,
  },
  { kind: "path", find: /\/(?:private\/)?var\/folders\/[\w+]{2}\/[\w+]{8,40}\/T/g },
  { kind: "process", find: /(?<=\b(?:pid|ppid|parent|process|tid|ident)\b[ =:#]{1,3})\d{1,10}\b/gi },
  { kind: "port", find: /(?<=\b(?:localhost|127\.0\.0\.1|0\.0\.0\.0):)\d{4,5}\b/g },
  // In markup alone, as names of elements: elsewhere a row of such digits may be a digest, which is a result.
  { kind: "id", find: /\bT_[0-9a-f]{5}\b|\baltair-viz-[0-9a-f]{32}\b|\bsk-container-id-\d{1,6}\b/g },
  { kind: "id", find: /(?<=\b(?:id|for|href|clip-path)=["'](?:url\()?#?|url\(#)[a-z]?[0-9a-f]{10,40}(?=["')_-])/g },
  // Dates with a time of day, in the spellings of ISO, ctime, mail, logs and Python's own.
  { kind: "time", find: new RegExp(String.raw`\b\d{4}[-/]\d{2}[-/]\d{2}[T ]${CLOCK}${ZONE}`, "g") },
  {
    kind: "time",
    find: new RegExp(
      String.raw`\b${DAYS},?\s(?:${MONTHS}\s{1,2}\d{1,2}|\d{1,2}\s${MONTHS})(?:\s\d{4})?\s${CLOCK}(?:\s(?:[AP]M))?(?:\s[A-Z]{2,5})?(?:\s\d{4})?${ZONE}`,
      "g",
    ),
  },
  { kind: "time", find: new RegExp(String.raw`\b\d{1,2}\/${MONTHS}\/\d{4}:${CLOCK}${ZONE}`, "g") },
  { kind: "time", find: /\bdatetime\.(?:datetime|date)\(\d{4}(?:, \d{1,9}){2,6}(?=[,)])/g },
  { kind: "time", find: /\b\d{4}-\d{2}-\d{2}\b/g },
  { kind: "time", find: /\b1[5-9]\d{8}(?:\.\d{1,9}|\d{3})?\b/g },
  // Of a time of day alone: where a log has it, in front.
  { kind: "time", find: /(?<=^\[(?:[DIWEC] )?)\d{1,2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?=[\] ])|^\d{1,2}:\d{2}:\d{2}[.,]\d{3,9}\b/g },
  { kind: "time", find: /^\d{1,2}:\d{2}:\d{2}(?=\s[-|[]|\s\[?(?:DEBUG|INFO|WARN|ERROR))/g },
  {
    kind: "rate",
    find: new RegExp(
      String.raw`(?:\b${NUMBER}|\?)\s?(?:it|[kKMG]?i?B|[kKMG]?b|rows?|files?|samples?|examples?|steps?|batch(?:es)?|tokens?|ops?|req(?:uests)?)\/(?:s(?:ec(?:ond)?)?\b)|\b${NUMBER}\s?(?:s|ms|us|µs|μs)\/(?:it|step|sample|batch|epoch|iter)\b`,
      "g",
    ),
  },
  { kind: "progress", find: /\b\d{1,3}(?:\.\d{1,2})?%|[█▉▊▋▌▍▎▏░▒▓━╸╺][█▉▊▋▌▍▎▏░▒▓━╸╺ ]*|(?<=\[)[=#>.\-\s]{2,400}(?=\])/g, where: PROGRESS },
  { kind: "duration", find: /\b\d{1,4}:\d{2}(?::\d{2})?(?:\.\d{1,9})?\b/g, where: new RegExp(`${PROGRESS.source}|${ABOUT_TIME.source}`, "i") },
  { kind: "duration", find: /\b(?:\d{1,4} days?,? )?\d{1,2}:\d{2}:\d{2}\.\d{3,9}\b/g },
  { kind: "duration", find: new RegExp(String.raw`(?<![\w.])${NUMBER}\s?(?:ns|µs|μs|us|ms)\b`, "g") },
  { kind: "duration", find: new RegExp(String.raw`(?<![\w.])${NUMBER}\s?(?:s|secs?|seconds?)\b`, "g"), where: ABOUT_TIME },
  { kind: "duration", find: new RegExp(String.raw`(?<![\w.])${NUMBER}\s?(?:min|mins|minutes?|h|hrs?|hours?)\b`, "g"), where: ABOUT_WAITING },
  {
    kind: "duration",
    find: /(?<=\b(?:took|elapsed|elapsed time|duration|runtime|wall time|time taken|_time|time)\s?[:=]?\s{1,4}|\btime=)\d{1,9}\.\d{1,25}(?:e-\d{1,2})?\b/gi,
  },
  { kind: "duration", find: /(?<=of \d{1,4} runs?, )[\d,]{1,20}(?= loops?)/g },
  { kind: "memory", find: new RegExp(String.raw`(?<![\w.])${NUMBER}\+?\s?(?:bytes|[kKMGT]i?B|B)\b`, "g"), where: ABOUT_MEMORY },
]

/** Between frames and pieces; nothing that a kernel says has it. */
const MARK = "\u0000"

export function mask(line: string): Masked {
  let frame = line.includes(MARK) ? line.replaceAll(MARK, "\ufffd") : line
  const pieces: Piece[] = []
  for (const { kind, find, where } of PATTERNS) {
    if (where && !where.test(line)) continue
    frame = frame.replace(find, (text) => {
      pieces.push({ kind, text })
      return `${MARK}${kind}${MARK}`
    })
  }
  // In the order of the patterns, which is the same on both sides when the frames are.
  return { frame, pieces }
}

/** A line in its pieces, in their order: what is of the moment, and what stands between. */
export function segmentsOf(line: string): readonly { readonly text: string; readonly isVolatile: boolean }[] {
  const { frame, pieces } = mask(line)
  const left = [...pieces]
  const segments: { text: string; isVolatile: boolean }[] = []
  let at = 0
  for (const [turn, part] of frame.split(MARK).entries()) {
    // Every other part of a frame is the name of what was taken out of it.
    const found = turn % 2 === 0 ? -1 : left.findIndex(({ kind, text }) => kind === part && line.startsWith(text, at))
    const text = turn % 2 === 0 ? line.slice(at, at + part.length) : (left[found]?.text ?? "")
    if (found >= 0) left.splice(found, 1)
    at += text.length
    if (text !== "") segments.push({ text, isVolatile: turn % 2 === 1 })
  }
  return segments.map(({ text }) => text).join("") === line ? segments : [{ text: line, isVolatile: false }]
}

/** Whether a line shows how far something has come, as bars do that are drawn again and again. */
export function isProgress(line: string): boolean {
  return PROGRESS.test(line)
}

/** Ids of one text that stand for ids of the other: once for one, always for that one. */
export type Names = Map<string, string>

const A_DAY = 86_400_000

/** Whether this may stand in the other's place. */
export function mayStandFor(before: Piece, after: Piece, { names, terms }: { readonly names: Names; readonly terms: Terms }): boolean {
  if (before.kind !== after.kind) return false
  if (before.text === after.text) return true
  if (before.kind === "uuid" || before.kind === "id") return isRenamed(before.text, after.text, names)
  return before.kind !== "time" || isOfNow(after.text, terms.ranAtMs)
}

function isRenamed(before: string, after: string, names: Names): boolean {
  const known = names.get(before)
  names.set(before, known ?? after)
  return known === undefined || known === after
}

/** A date is of now when it is within a day and a half of the run, whatever its zone; where that is not known, when it has seconds. */
function isOfNow(text: string, ranAtMs: number | undefined): boolean {
  const at = instantOf(text)
  if (ranAtMs !== undefined && at !== undefined) return Math.abs(at - ranAtMs) <= 1.5 * A_DAY
  return /\d:\d{2}:\d{2}/.test(text) && !/\b00:00:00\b/.test(text)
}

const MONTH_NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

/** The day of it, in milliseconds since 1970; undefined for a time of day alone. */
function instantOf(text: string): number | undefined {
  const seconds = /^1\d{9}(?:\.\d+)?$/.exec(text)
  if (seconds) return Number(text) * 1000
  if (/^1\d{12}$/.test(text)) return Number(text)
  const numbers = /(\d{4})(?:[-/]|, )(\d{1,2})(?:[-/]|, )(\d{1,2})/.exec(text)
  if (numbers) return Date.UTC(Number(numbers[1]), Number(numbers[2]) - 1, Number(numbers[3]))
  const month = MONTH_NAMES.findIndex((name) => text.toLowerCase().includes(name))
  const [day, year] = [/(?:^|[\s,])(\d{1,2})(?=[\s/])/.exec(text), /\b(\d{4})\b/.exec(text)]
  return month >= 0 && day && year ? Date.UTC(Number(year[1]), month, Number(day[1])) : undefined
}

/** "memory addresses and durations", always in this order */
export function kindWords(kinds: ReadonlySet<VolatileKind>): string {
  const all = Object.keys(WORDS) as VolatileKind[]
  const words = [...new Set(all.filter((kind) => kinds.has(kind)).map((kind) => WORDS[kind]))]
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`
}

const ADDRESSES = PATTERNS.filter(({ kind }) => kind === "address")

/** The text with a sign in place of each address in memory. */
export function withoutAddresses(text: string): string {
  return ADDRESSES.reduce((rest, { find }) => rest.replace(find, "0x…"), text)
}
