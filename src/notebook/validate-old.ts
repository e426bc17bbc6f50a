/** The rules of nbformat 3, from its published schema. Format 2 has no schema: there only what reading needs is asked for. */
import type { JsonObject } from "#base/json.ts"
import {
  anything,
  byType,
  type Check,
  flag,
  lines,
  listOf,
  object,
  orNull,
  type Problem,
  shaped,
  tags,
  text,
  textMatching,
  wholeNumber,
} from "#notebook/rules.ts"

export function validateOld(notebook: JsonObject, major: 2 | 3): readonly Problem[] {
  return (major === 3 ? notebook3 : notebook2)(notebook, "")
}

const notebook2 = shaped({
  needs: ["worksheets"],
  members: {
    worksheets: listOf(shaped({ needs: ["cells"], members: { cells: listOf(shaped({ needs: ["cell_type"], members: { cell_type: text } })) } })),
  },
})

const nothingElse = () => undefined

const MIME = /[a-zA-Z0-9]+\/[a-zA-Z0-9\-+.]+$/

const display: Readonly<Record<string, Check>> = {
  output_type: text,
  metadata: object,
  text: lines,
  latex: lines,
  png: lines,
  jpeg: lines,
  svg: lines,
  html: lines,
  javascript: lines,
  json: lines,
  pdf: lines,
}

function withMedia(pattern: RegExp): (key: string) => Check | undefined {
  return (key) => (pattern.test(key) ? lines : undefined)
}

const output = byType("output_type", {
  pyout: shaped({
    needs: ["prompt_number"],
    members: { ...display, prompt_number: wholeNumber(0) },
    others: withMedia(new RegExp(`^${MIME.source}`)),
  }),
  display_data: shaped({ members: display, others: withMedia(MIME) }),
  stream: shaped({ needs: ["stream", "text"], members: { output_type: text, stream: text, text: lines }, others: nothingElse }),
  pyerr: shaped({
    needs: ["ename", "evalue", "traceback"],
    members: { output_type: text, ename: text, evalue: text, traceback: listOf(text) },
    others: nothingElse,
  }),
})

const named = { name: textMatching(/^[^\n]+$/, "one line that is not empty"), tags }

function textCell(members: Readonly<Record<string, Check>>, needs: readonly string[] = []): Check {
  return shaped({ needs: ["source", ...needs], members: { cell_type: text, source: lines, ...members }, others: nothingElse })
}

const markdown = textCell({ metadata: shaped({ members: named }) })

const cell = byType("cell_type", {
  raw: textCell({ metadata: shaped({ members: { ...named, format: text } }) }),
  markdown,
  html: markdown,
  heading: textCell({ metadata: object, level: wholeNumber(1) }, ["level"]),
  code: shaped({
    needs: ["input", "outputs", "language"],
    members: {
      cell_type: text,
      language: text,
      collapsed: flag,
      metadata: object,
      input: lines,
      outputs: listOf(output),
      prompt_number: orNull(wholeNumber(0)),
    },
    others: nothingElse,
  }),
})

const notebook3 = shaped({
  needs: ["metadata", "nbformat_minor", "nbformat", "worksheets"],
  members: {
    metadata: shaped({
      members: {
        kernel_info: shaped({ needs: ["name", "language"], members: { name: text, language: text, codemirror_mode: text } }),
        signature: text,
      },
    }),
    nbformat: anything,
    nbformat_minor: wholeNumber(0),
    orig_nbformat: wholeNumber(1),
    orig_nbformat_minor: wholeNumber(0),
    worksheets: listOf(shaped({ needs: ["cells"], members: { cells: listOf(cell), metadata: object }, others: nothingElse })),
  },
  others: nothingElse,
})
