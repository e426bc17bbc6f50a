/** The numbers of a command line: seconds as people write them. */
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { type Flag, lastValueOf, type Parsed } from "#cli/arguments.ts"
import type { Refusal } from "#cli/prepare.ts"
import { DEFAULT_LIMITS, type Limits } from "#run/index.ts"

export type Numbers = { readonly limits: Limits; readonly startTimeoutMs: number; readonly keepKernelMs: number }

export function limitsOf(parsed: Parsed): Outcome<Numbers, Refusal> {
  const messages: string[] = []
  const ms = (name: Flag["name"], fallback: number): number => {
    const text = lastValueOf(parsed, name)
    if (text === undefined) return fallback
    const read = milliseconds(text)
    if (read === undefined) messages.push(`${name} takes seconds, or a duration such as 90s, 10m or 2h; got "${text}".`)
    return read ?? fallback
  }
  const numbers: Numbers = {
    limits: { ...DEFAULT_LIMITS, cellTimeoutMs: ms("--cell-timeout", 0), runTimeoutMs: ms("--timeout", 0) },
    startTimeoutMs: ms("--start-timeout", 60_000),
    keepKernelMs: ms("--keep-kernel", 0),
  }
  return messages.length > 0 ? refused({ messages, remedy: "" }) : accepted(numbers)
}

const UNITS: { readonly [unit: string]: number } = { "": 1000, s: 1000, m: 60_000, h: 3_600_000 }

/** "90", "1.5", "90s", "10m", "2h"; undefined when it is none of these or less than a millisecond above nothing. */
export function milliseconds(text: string): number | undefined {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)\s*(s|m|h)?$/.exec(text.trim()) ?? []
  return number === undefined ? undefined : Math.round(Number(number) * UNITS[unit]!)
}
