import { expect, test } from "vitest"
import { withRun } from "#cli/server/run-id.ts"

const RUN = "01M8BJ05QNB8013AE6S5TFJXTQ"
const named = (word: string) => withRun({ given: [], positionals: [word, "out.ipynb"] })

test.each([RUN, `https://stet.example/runs/${RUN}`, `http://localhost:7838/runs/${RUN}?cell=3#cell-3`, `https://stet.example/stet/runs/${RUN}/`])(
  "%s names the run",
  (word) => expect(named(word)).toMatchObject({ ok: true, value: { positionals: [RUN, "out.ipynb"] } }),
)

test.each(["", "nope", RUN.toLowerCase(), `${RUN}0`, `https://stet.example/notebooks/${RUN}`])(
  "%j names none, and it is said where to look",
  (word) => {
    const { ok, refusal } = named(word) as { ok: boolean; refusal?: { messages: string[]; remedy: string } }
    expect([ok, refusal?.messages[0], refusal?.remedy]).toEqual([
      false,
      expect.stringContaining(`"${word}" is no run`),
      expect.stringContaining("stet runs"),
    ])
  },
)
