/**
 * A command's flags as a table, and the one reader of command lines. Help (help-text.ts) and shell completion
 * (completion.ts) are written from the same table.
 *
 * The grammar is the usual one: `--flag value`, `--flag=value`, `-f value`, `-fvalue`, `-abc`; flags and positionals in
 * any order; `--` ends the flags; `-` alone is a positional. A flag that takes values takes the next words whatever they
 * look like, so that `-p offset -5` needs no quoting; one whose value may be left out says what a value of it looks like.
 */
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { nearest } from "#cli/nearest.ts"

export type Flag = {
  readonly name: `--${string}`
  readonly short?: `-${string}`
  /** Other spellings that are accepted and not shown. */
  readonly aliases?: readonly `--${string}`[]
  /** The names of its values, one each; PATH, NOTEBOOK, OUTPUT and DIRECTORY are completed as such. */
  readonly takes: readonly string[]
  readonly repeat?: boolean
  /** Its one value may be left out: whether the next word is meant as one. What is joined by `=` always is. */
  readonly isMeant?: (word: string) => boolean
  /** The flag that says no: `--no-progress-bar`. Only for flags that take nothing. */
  readonly opposite?: `--${string}`
  readonly choices?: readonly string[]
  /** A shell command that prints the possible values, one a line, for completion. */
  readonly candidates?: string
  readonly help: string
  /** The heading it stands under in the help; default "Options". */
  readonly group?: string
}

export type Positional = {
  readonly name: string
  readonly optional?: boolean
  readonly repeat?: boolean
  readonly choices?: readonly string[]
  readonly help: string
}

export type Command = {
  /** How it is called: "stet run". */
  readonly name: string
  /** One line, without a full stop. */
  readonly summary: string
  /** Paragraphs. */
  readonly description?: readonly string[]
  readonly positionals: readonly Positional[]
  readonly flags: readonly Flag[]
  readonly examples?: readonly { readonly line: string; readonly means: string }[]
}

/** One flag as it was given. `on` is false when its opposite was given. */
export type Given = { readonly flag: Flag; readonly values: readonly string[]; readonly on: boolean }

/** Everything that was given, in the order in which it stood. */
export type Parsed = { readonly given: readonly Given[]; readonly positionals: readonly string[] }

/** `message` is one sentence for a person, without the "Error:" in front. */
export type UsageError = { readonly refused: "usage"; readonly message: string }

export const HELP: Flag = { name: "--help", short: "-h", takes: [], help: "Show this text." }

export function parseArguments(flags: readonly Flag[], argv: readonly string[]): Outcome<Parsed, UsageError> {
  const given: Given[] = []
  const positionals: string[] = []
  for (let at = 0; at < argv.length; ) {
    const word = argv[at]!
    if (word === "--") {
      positionals.push(...argv.slice(at + 1))
      break
    }
    if (word === "-" || !word.startsWith("-")) {
      positionals.push(word)
      at++
      continue
    }
    const read = word.startsWith("--") ? readLong(flags, argv, at) : readShort(flags, argv, at)
    if (!read.ok) return read
    given.push(...read.value.given)
    at = read.value.next
  }
  return accepted({ given, positionals })
}

/** Whether there are as many positionals as the command takes. */
export function checkPositionals(expected: readonly Positional[], { positionals }: Parsed): Outcome<readonly string[], UsageError> {
  const missing = expected.find((one, index) => !one.optional && index >= positionals.length)
  if (missing) return usage(`Missing argument '${missing.name}'.`)
  const extra = positionals.slice(expected.length)
  if (extra.length === 0 || expected.at(-1)?.repeat) return accepted(positionals)
  return usage(`Got unexpected extra argument${extra.length > 1 ? "s" : ""} (${extra.join(" ")}).`)
}

/** Whether a flag was given (last word wins), undefined when neither it nor its opposite was. */
export function isOn(parsed: Parsed, name: Flag["name"]): boolean | undefined {
  return parsed.given.findLast(({ flag }) => flag.name === name)?.on
}

/** The first value of the last time it was given. */
export function lastValueOf(parsed: Parsed, name: Flag["name"]): string | undefined {
  return parsed.given.findLast(({ flag }) => flag.name === name)?.values[0]
}

/** Its values, each time it was given. */
export function valuesOf(parsed: Parsed, name: Flag["name"]): readonly (readonly string[])[] {
  return parsed.given.filter(({ flag }) => flag.name === name).map(({ values }) => values)
}

export function usage(message: string): { readonly ok: false; readonly refusal: UsageError } {
  return refused({ refused: "usage", message })
}

/** Every spelling that starts with two dashes. */
export function longNames(flag: Flag): readonly string[] {
  return [flag.name, ...(flag.aliases ?? []), ...(flag.opposite ? [flag.opposite] : [])]
}

type Read = Outcome<{ readonly given: readonly Given[]; readonly next: number }, UsageError>

function readLong(flags: readonly Flag[], argv: readonly string[], at: number): Read {
  const [, name = "", attached] = /^([^=]*)(?:=(.*))?$/s.exec(argv[at]!) ?? []
  const flag = flags.find((one) => longNames(one).includes(name))
  if (!flag) return unknownFlag(flags, name)
  if (flag.takes.length === 0) {
    if (attached !== undefined) return usage(`Option '${name}' does not take a value.`)
    return accepted({ given: [{ flag, values: [], on: name !== flag.opposite }], next: at + 1 })
  }
  const word = argv[at + 1]
  if (flag.isMeant && attached === undefined && !(word !== undefined && flag.isMeant(word)))
    return accepted({ given: [{ flag, values: [], on: true }], next: at + 1 })
  return takeValues({ flag, name, attached, rest: argv.slice(at + 1), next: at + 1 })
}

/** `-abc` is `-a -b -c`, unless one of them takes values: then what follows it is its first value. */
function readShort(flags: readonly Flag[], argv: readonly string[], at: number): Read {
  const letters = [...argv[at]!.slice(1)]
  const given: Given[] = []
  for (const [index, letter] of letters.entries()) {
    const name = `-${letter}`
    const flag = flags.find((one) => one.short === name)
    if (!flag) return unknownFlag(flags, index === 0 && letters.length > 1 ? argv[at]! : name)
    if (flag.takes.length > 0) {
      const attached = letters.slice(index + 1).join("") || undefined
      const taken = takeValues({ flag, name, attached, rest: argv.slice(at + 1), next: at + 1 })
      return taken.ok ? accepted({ given: [...given, ...taken.value.given], next: taken.value.next }) : taken
    }
    given.push({ flag, values: [], on: true })
  }
  return accepted({ given, next: at + 1 })
}

type Taking = {
  readonly flag: Flag
  readonly name: string
  readonly attached: string | undefined
  readonly rest: readonly string[]
  readonly next: number
}

function takeValues({ flag, name, attached, rest, next }: Taking): Read {
  const count = flag.takes.length - (attached === undefined ? 0 : 1)
  // `-p region=EU`, as many programs have it: no name holds an equals sign.
  const [, left] = (flag.takes.length === 2 && /^([^=\s]+)=/.exec(attached ?? rest[0] ?? "")) || []
  if (rest.length < count || left !== undefined) {
    const wanted = flag.takes.length === 1 ? "an argument" : `${flag.takes.length} arguments`
    const instead = left === undefined ? "" : ` Did you mean: ${name} ${left} ${flag.takes[1]}`
    return usage(`Option '${name}' requires ${wanted}: ${name} ${flag.takes.join(" ")}.${instead}`)
  }
  const values = [...(attached === undefined ? [] : [attached]), ...rest.slice(0, count)]
  const stranger = flag.choices && values.find((value) => !flag.choices?.includes(value))
  if (stranger !== undefined) return usage(`Invalid value for '${name}': '${stranger}' is not one of ${quoted(flag.choices ?? [])}.`)
  return accepted({ given: [{ flag, values, on: true }], next: next + count })
}

function unknownFlag(flags: readonly Flag[], name: string): { readonly ok: false; readonly refusal: UsageError } {
  const known = flags.flatMap((flag) => [...longNames(flag), ...(flag.short ? [flag.short] : [])])
  const close = nearest(name, known).slice(0, 3)
  return usage(`No such option '${name}'.${close.length > 0 ? ` Did you mean ${close.map((one) => `'${one}'`).join(" or ")}?` : ""}`)
}

function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(", ")
}
