/** What `--help` shows, laid out for the width of the terminal, from the same table that reads the command line. */
import type { Command, Flag } from "#cli/arguments.ts"

const LEFT_MAX = 32

export function helpText(command: Command, width = 80): string {
  const room = Math.max(30, Math.min(width, 120))
  const parts = [
    usageLine(command, room),
    // What stands under a summary goes on from it, and says little without.
    ...[`${command.summary}.`, ...(command.description ?? [])].map((paragraph) => wrap(paragraph, room).join("\n")),
    rows(
      "Arguments",
      command.positionals.map(({ name, help }) => [name, help]),
      room,
    ),
    ...groupsOf(command.flags).map(([heading, flags]) => rows(heading, flags.map(flagRow), room)),
    examples(command, room),
  ]
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`
}

/** One line a command, for the program's own help, under the headings of what they are about. */
export function commandList(groups: readonly (readonly [string, readonly Command[]])[], width = 80): string {
  const named = groups.map(
    ([heading, commands]) => [heading, commands.map(({ name, summary }) => [name.split(" ").slice(1).join(" "), summary] as const)] as const,
  )
  const longest = Math.max(...named.flatMap(([, entries]) => entries.map(([name]) => name.length)))
  return named.map(([heading, entries]) => rows(heading, entries, Math.max(30, Math.min(width, 120)), longest)).join("\n\n")
}

function usageLine(command: Command, width = 80): string {
  const words = command.positionals.map(({ name, optional, repeat }) => {
    const shown = repeat ? `${name}…` : name
    return optional ? `[${shown}]` : shown
  })
  const start = `Usage: ${command.name} `
  return wrap([...(command.flags.length > 0 ? ["[OPTIONS]"] : []), ...words].join(" "), width - start.length)
    .map((line, index) => (index === 0 ? start : " ".repeat(start.length)) + line)
    .join("\n")
}

function groupsOf(flags: readonly Flag[]): readonly (readonly [string, readonly Flag[]])[] {
  const groups = Map.groupBy(flags, (flag) => flag.group ?? "Options")
  return [...groups]
}

function flagRow(flag: Flag): readonly [string, string] {
  const negative = flag.opposite === `--no-${flag.name.slice(2)}`
  const name = negative ? `--[no-]${flag.name.slice(2)}` : flag.opposite ? `${flag.name} / ${flag.opposite}` : flag.name
  const values = flag.isMeant ? flag.takes.map((value) => `[${value}]`) : flag.takes
  const left = [`${flag.short ? `${flag.short}, ` : "    "}${name}`, ...values].join(" ")
  const choices = flag.choices ? ` One of ${flag.choices.join(", ")}.` : ""
  return [left, `${flag.help}${choices}${flag.repeat ? " May be given several times." : ""}`]
}

/** `atLeast`: how wide the left column is to be, where several lists stand one under the other. */
function rows(heading: string, entries: readonly (readonly [string, string])[], width: number, atLeast = 0): string {
  if (entries.length === 0) return ""
  const longest = Math.max(...entries.map(([left]) => left.length).filter((length) => length <= LEFT_MAX), atLeast)
  // On a narrow terminal the explanation stands below, indented, rather than in a column of three words.
  const column = width < 60 ? 0 : longest + 4
  return [`${heading}:`, ...entries.flatMap(([left, right]) => row(left, right, { column, width }))].join("\n")
}

function row(left: string, right: string, { column, width }: { readonly column: number; readonly width: number }): readonly string[] {
  const indent = column === 0 ? 8 : column
  const lines = wrap(right, width - indent)
  const beside = column > 0 && left.length + 4 <= column
  if (!beside) return [`  ${left}`, ...lines.map((line) => " ".repeat(indent) + line)]
  return lines.map((line, index) => (index === 0 ? `  ${left}`.padEnd(indent) : " ".repeat(indent)) + line)
}

function examples({ examples: all = [] }: Command, width: number): string {
  if (all.length === 0) return ""
  return ["Examples:", ...all.flatMap(({ line, means }) => [`  ${line}`, ...wrap(means, width - 6).map((text) => `      ${text}`)])].join("\n")
}

/** Breaks at spaces; a word that is longer than a line stands alone on one. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
