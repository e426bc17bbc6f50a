import { expect, test } from "vitest"
import { type Command, HELP } from "#cli/arguments.ts"
import { commandList, helpText } from "#cli/help-text.ts"
import { COMMANDS, GROUPS } from "#cli/main.ts"

const COMMAND: Command = {
  name: "stet run",
  summary: "Run a notebook",
  description: ["Runs a notebook with parameters and writes the result, complete up to the last thing that happened."],
  positionals: [
    { name: "NOTEBOOK", help: "The notebook to run." },
    { name: "OUTPUT", optional: true, help: "Where the result goes." },
  ],
  flags: [
    { name: "--param", short: "-p", takes: ["NAME", "VALUE"], repeat: true, help: "A parameter.", group: "Parameters" },
    {
      name: "--progress-bar",
      opposite: "--no-progress-bar",
      takes: [],
      help: "Show a bar while it runs, with the cell that is being executed and the rate.",
    },
    { name: "--prepare-only", opposite: "--prepare-execute", takes: [], help: "Do not execute." },
    { name: "--a-very-long-name-of-a-flag", takes: ["AND", "VALUE"], help: "Has no room beside it." },
    { name: "--level", takes: ["LEVEL"], choices: ["LOW", "HIGH"], help: "How loud." },
    HELP,
  ],
  examples: [{ line: "stet run report.ipynb -p region EU", means: "One parameter; the result goes beside the notebook." }],
}

test("the help of a command at 80 columns", () => {
  expect(helpText(COMMAND, 80)).toBe(`\
Usage: stet run [OPTIONS] NOTEBOOK [OUTPUT]

Run a notebook.

Runs a notebook with parameters and writes the result, complete up to the last
thing that happened.

Arguments:
  NOTEBOOK  The notebook to run.
  OUTPUT    Where the result goes.

Parameters:
  -p, --param NAME VALUE  A parameter. May be given several times.

Options:
      --[no-]progress-bar  Show a bar while it runs, with the cell that is being
                           executed and the rate.
      --prepare-only / --prepare-execute
                           Do not execute.
      --a-very-long-name-of-a-flag AND VALUE
                           Has no room beside it.
      --level LEVEL        How loud. One of LOW, HIGH.
  -h, --help               Show this text.

Examples:
  stet run report.ipynb -p region EU
      One parameter; the result goes beside the notebook.
`)
})

test.each([20, 40, 59, 60, 80, 120, 300])("no line is longer than a terminal of %i columns where the words allow it", (width) => {
  const longest = Math.max(
    ...helpText(COMMAND, width)
      .split("\n")
      .map((line) => line.length),
  )
  const longestUnbreakable = "      --a-very-long-name-of-a-flag AND VALUE".length
  expect(longest).toBeLessThanOrEqual(Math.max(Math.min(width, 120), longestUnbreakable))
})

test("the program's commands, one a line, in one column under all headings", () => {
  const inspect = { ...COMMAND, name: "stet inspect", summary: "Show what a notebook takes" }
  expect(
    commandList([
      ["Here", [COMMAND]],
      ["There", [inspect]],
    ]),
  ).toBe("Here:\n  run      Run a notebook\n\nThere:\n  inspect  Show what a notebook takes")
})

test("every command stands under one heading of the program's help", () => {
  expect(Object.values(GROUPS).flat().toSorted()).toEqual(Object.keys(COMMANDS).toSorted())
})
