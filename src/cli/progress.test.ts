import { expect, test } from "vitest"
import type { Terminal } from "#cli/edge.ts"
import { logOutput, SILENT } from "#cli/progress.ts"
import type { Run, RunEvent } from "#run/index.ts"

const said = (name: string, text: string) =>
  ({ type: "said", at: 0, message: { header: { msg_type: "stream" }, content: { name, text } } }) as unknown as RunEvent

function heard(isTerminal: boolean): { readonly terminals: { readonly out: Terminal; readonly err: Terminal }; readonly text: () => string[] } {
  const written = { out: "", err: "" }
  const to = (name: "out" | "err"): Terminal => ({
    write: (text) => {
      written[name] += text
    },
    isTerminal,
    columns: 80,
    colours: isTerminal,
  })
  return { terminals: { out: to("out"), err: to("err") }, text: () => [written.out, written.err] }
}

test("what cells print moves no cursor and writes no clipboard, and the two streams are cut apart from one another", () => {
  const { terminals, text } = heard(true)
  const reporter = logOutput(SILENT, terminals)
  for (const event of [said("stdout", "a\x1b]52;c;"), said("stderr", "warn\x1b[31m\n"), said("stdout", "aGk=\x07b\n")])
    reporter.event(event, {} as Run)
  expect(text()).toEqual(["ab\n", "warn\x1b[31m\n"])
})

test("a file gets what they printed to the byte", () => {
  const { terminals, text } = heard(false)
  logOutput(SILENT, terminals).event(said("stdout", "\x1b[2J50%\r"), {} as Run)
  expect(text()).toEqual(["\x1b[2J50%\r", ""])
})
