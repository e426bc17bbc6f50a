import { expect, test } from "vitest"
import { HELP } from "#cli/arguments.ts"
import { helpText } from "#cli/help-text.ts"
import { PAPERMILL, parsePapermill, type Surroundings } from "#cli/papermill/flags.ts"

const AT_A_TERMINAL: Surroundings = { stdinIsPipe: false, stdoutIsTerminal: true }
const IN_A_JOB: Surroundings = { stdinIsPipe: false, stdoutIsTerminal: false }
const BEHIND_A_PIPE: Surroundings = { stdinIsPipe: true, stdoutIsTerminal: false }

function parse(line: string, around = AT_A_TERMINAL) {
  const outcome = parsePapermill(line === "" ? [] : line.split(" "), around)
  return outcome.ok ? outcome.value : outcome.refusal.message
}

const PLAIN = {
  do: "run",
  input: "in.ipynb",
  output: "out.ipynb",
  sources: { paths: [], base64: [], files: [], yaml: [], typed: [], raw: [] },
  savePerCell: true,
  autosaveSeconds: 30,
  prepareOnly: false,
  progressBar: true,
  logOutput: false,
  logLevel: "INFO",
  startTimeoutSeconds: 60,
  reportMode: false,
}

test("without flags papermill's defaults hold", () => {
  expect(parse("in.ipynb out.ipynb")).toEqual(PLAIN)
})

test.each([
  ["-k ir -l R --cwd /tmp --engine nbclient", { kernel: "ir", language: "R", cwd: "/tmp", engine: "nbclient" }],
  ["--stdout-file o.txt --stderr-file e.txt", { stdoutFile: "o.txt", stderrFile: "e.txt" }],
  ["--no-request-save-on-cell-execute", { savePerCell: false }],
  ["--no-request-save-on-cell-execute --request-save-on-cell-execute", { savePerCell: true }],
  ["--autosave-cell-every 0", { autosaveSeconds: 0 }],
  ["--prepare-only", { prepareOnly: true }],
  ["--prepare-only --prepare-execute", { prepareOnly: false }],
  ["--log-output", { logOutput: true, progressBar: false }],
  ["--log-output --progress-bar", { logOutput: true, progressBar: true }],
  ["--no-progress-bar", { progressBar: false }],
  ["--log-level DEBUG", { logLevel: "DEBUG" }],
  ["--start-timeout 5 --execution-timeout +1_000", { startTimeoutSeconds: 5, executionTimeoutSeconds: 1000 }],
  ["--start_timeout=5", { startTimeoutSeconds: 5 }],
  ["--report-mode", { reportMode: true }],
  ["--kernel=", {}],
])("%s", (flags, changed) => {
  expect(parse(`in.ipynb out.ipynb ${flags}`)).toEqual({ ...PLAIN, ...changed })
})

test("parameters keep their kind and, within it, their order", () => {
  expect(parse("-r a 1 in.ipynb -p b 2 -f x.yaml out.ipynb -p a -5 -y {} -f - -b e30= -b e30=")).toEqual({
    ...PLAIN,
    sources: {
      paths: [],
      base64: ["e30=", "e30="],
      files: ["x.yaml", "-"],
      yaml: ["{}"],
      typed: [
        ["b", "2"],
        ["a", "-5"],
      ],
      raw: [["a", "1"]],
    },
  })
})

test.each([
  ["--inject-input-path", [["PAPERMILL_INPUT_PATH", "in.ipynb"]]],
  ["--inject-output-path", [["PAPERMILL_OUTPUT_PATH", "out_{x}.ipynb"]]],
  [
    "--inject-paths --inject-input-path",
    [
      ["PAPERMILL_INPUT_PATH", "in.ipynb"],
      ["PAPERMILL_OUTPUT_PATH", "out_{x}.ipynb"],
    ],
  ],
])("%s gives the paths as they were typed", (flags, paths) => {
  expect(parse(`in.ipynb out_{x}.ipynb ${flags}`)).toMatchObject({ sources: { paths } })
})

test.each([
  ["in.ipynb", IN_A_JOB, "in.ipynb", "-"],
  ["in.ipynb -", AT_A_TERMINAL, "in.ipynb", "-"],
  ["- out.ipynb", AT_A_TERMINAL, "-", "out.ipynb"],
  ["", BEHIND_A_PIPE, "-", "-"],
  ["out.ipynb", BEHIND_A_PIPE, "-", "out.ipynb"],
  ["out.ipynb", { stdinIsPipe: true, stdoutIsTerminal: true }, "-", "out.ipynb"],
  ["in.ipynb out.ipynb", BEHIND_A_PIPE, "in.ipynb", "out.ipynb"],
  ["-- in.ipynb out.ipynb", AT_A_TERMINAL, "in.ipynb", "out.ipynb"],
])("%j with %j reads %s and writes %s", (line, around, input, output) => {
  expect(parse(line, around)).toMatchObject({ input, output })
})

test("to standard output the notebook goes once, at the end, with nothing beside it", () => {
  expect(parse("in.ipynb -")).toMatchObject({ savePerCell: false, progressBar: false, logLevel: "ERROR" })
  expect(parse("in.ipynb - --request-save-on-cell-execute --log-level DEBUG --progress-bar")).toMatchObject({
    savePerCell: false,
    progressBar: true,
    logLevel: "DEBUG",
  })
})

test.each([
  ["-h", { do: "help" }],
  ["--help --version", { do: "help" }],
  ["--version in.ipynb -h", { do: "version" }],
])("%s asks for %j before anything else", (line, asked) => {
  expect(parse(line)).toEqual(asked)
})

test("--help-notebook wants no output, and reads the first path even behind a pipe", () => {
  expect(parse("--help-notebook in.ipynb -p x 1")).toMatchObject({ do: "help notebook", input: "in.ipynb", sources: { typed: [["x", "1"]] } })
  expect(parse("--help-notebook in.ipynb", BEHIND_A_PIPE)).toMatchObject({ do: "help notebook", input: "in.ipynb" })
})

test.each([
  ["", AT_A_TERMINAL, "Missing argument 'NOTEBOOK_PATH'."],
  ["in.ipynb", AT_A_TERMINAL, "Missing argument 'OUTPUT_PATH'."],
  ["--help-notebook", AT_A_TERMINAL, "Missing argument 'NOTEBOOK_PATH'."],
  ["a b c", AT_A_TERMINAL, "Got unexpected extra argument (c)."],
  ["a b c", BEHIND_A_PIPE, "Got unexpected extra argument (c)."],
  ["a b --kernal x", AT_A_TERMINAL, "No such option '--kernal'. Did you mean '--kernel'?"],
  ["--version --bogus", AT_A_TERMINAL, "No such option '--bogus'."],
  ["a b -p x", AT_A_TERMINAL, "Option '-p' requires 2 arguments: -p NAME VALUE."],
  [
    "a b --log-level info",
    AT_A_TERMINAL,
    "Invalid value for '--log-level': 'info' is not one of 'NOTSET', 'DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'.",
  ],
  ["a b --start-timeout 1.5", AT_A_TERMINAL, "Invalid value for '--start-timeout': '1.5' is not a valid integer."],
  ["a b --autosave-cell-every never", AT_A_TERMINAL, "Invalid value for '--autosave-cell-every': 'never' is not a valid integer."],
])("%j is wrong usage: %j", (line, around, said) => {
  expect(parse(line, around)).toBe(said)
})

test("the help names every flag", () => {
  const help = helpText(PAPERMILL, 100)
  for (const flag of PAPERMILL.flags) expect(help).toContain(flag.opposite?.startsWith("--no-") ? `--[no-]${flag.name.slice(2)}` : flag.name)
  expect(PAPERMILL.flags).toContain(HELP)
})
