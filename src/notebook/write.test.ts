import fc from "fast-check"
import { expect, test } from "vitest"
import { equal, NumberLexeme, StringSpan } from "#base/json.ts"
import type { Cell, Notebook, Output } from "#notebook/document.ts"
import { arbitraryNotebook, json, notebookOf, reading } from "#notebook/testing.ts"
import { cellFrameOf, frameOf, write, writeCell, writeOutput } from "#notebook/write.ts"

// Many examples: on a busy machine they may take longer than a test is given by default.
const LONG = { timeout: 60_000 }

test("what is written is read as the same notebook, and written again as the same text", LONG, () => {
  fc.assert(
    fc.property(arbitraryNotebook, (notebook) => {
      const text = write(notebook)
      const { notebook: again, repairs } = reading(text)
      expect(equal(again, notebook)).toBe(true)
      expect(repairs).toEqual([])
      expect(write(again)).toBe(text)
      expect(write(reading(new TextEncoder().encode(text)).notebook)).toBe(text)
    }),
    { numRuns: 300 },
  )
})

test("frame and cells put together are the notebook, and frame and outputs the cell", LONG, () => {
  fc.assert(
    fc.property(arbitraryNotebook, (notebook) => {
      const { head, separator, tail, empty } = frameOf(notebook)
      const cells = notebook.cells.map((cell) => writeCell(cell))
      expect(cells.length === 0 ? empty : head + cells.join(separator) + tail).toBe(write(notebook))
      for (const cell of notebook.cells.filter((each) => each.outputs)) {
        const around = cellFrameOf(cell)
        const outputs = (cell.outputs ?? []).map((output) => writeOutput(output))
        expect(outputs.length === 0 ? around.empty : around.head + outputs.join(around.separator) + around.tail).toBe(writeCell(cell))
      }
    }),
    { numRuns: 300 },
  )
})

test("the frame does not depend on which cells are in it", () => {
  const metadata = { title: 'a "quoted" title\n "cells": []', cells: [], nested: { cells: [] } }
  const [some, none] = [
    { ...notebookOf("x", "y"), metadata },
    { ...notebookOf(), metadata, $schema: "before cells", zebra: 1 },
  ]
  expect(frameOf({ ...some, cells: [] })).toEqual(frameOf(some))
  const { head, tail, empty } = frameOf(none as unknown as Notebook)
  expect(head).toBe('{\n "$schema": "before cells",\n "cells": [\n  ')
  expect(empty).toBe(`{\n "$schema": "before cells",\n "cells": []${tail.slice("\n ]".length)}`)
  expect(tail.endsWith('"zebra": 1\n}\n')).toBe(true)
})

const CANONICAL = `{
 "cells": [
  {
   "cell_type": "code",
   "execution_count": 1,
   "id": "a-1",
   "metadata": {
    "10": 1.0,
    "9": 1e-7,
    "big": 1180591620717411303424,
    "nan": NaN,
    "ﬁ": -0,
    "😀": "\u2028"
   },
   "outputs": [
    {
     "name": "stdout",
     "output_type": "stream",
     "text": [
      "one\\n",
      "two\\f",
      "\\n",
      "three\u2028",
      "four\u0085",
      "é\u007f\\u001f"
     ]
    },
    {
     "data": {
      "application/javascript": [
       "a;\\n",
       "b"
      ],
      "application/json": [
       "kept\\n",
       "as it is"
      ],
      "application/vnd.x+json": "line\\nline",
      "image/png": "iVBO\\nRw0K\\n",
      "image/svg+xml": [
       "<svg>\\n",
       "</svg>"
      ],
      "text/html": [],
      "text/plain": [
       "x"
      ]
     },
     "metadata": {},
     "output_type": "display_data"
    },
    {
     "ename": "E",
     "evalue": "a\\nb",
     "output_type": "error",
     "traceback": [
      "a\\nb",
      "c"
     ]
    }
   ],
   "source": [
    "x = 1\\r\\n",
    "y = 2\\r",
    "z = 3\\u000b",
    "w"
   ]
  },
  {
   "attachments": {
    "a.txt": {
     "image/png": "iVBO",
     "text/plain": [
      "a\\n",
      "b"
     ]
    }
   },
   "cell_type": "markdown",
   "id": "b_2",
   "metadata": {},
   "source": []
  }
 ],
 "metadata": {
  "__proto__": {
   "a": []
  },
  "language_info": {
   "name": "python"
  }
 },
 "nbformat": 4,
 "nbformat_minor": 5
}
`

test("a file in the form that Jupyter writes comes back byte for byte", () => {
  expect(write(reading(CANONICAL).notebook)).toBe(CANONICAL)
})

test("the same document in another form becomes that form, with every number as it was spelled", () => {
  const compact = JSON.stringify(JSON.parse(CANONICAL.replace("NaN", '"NaN"')))
  expect(compact).toContain('"10":1,')
  const reordered = CANONICAL.replace(/\n\s*/g, "")
    .replace(/^\{(.*)("nbformat": 4),"nbformat_minor": 5\}$/s, '{"nbformat_minor": 5,$2,$1}')
    .replace(/,\}$/, "}")
  expect(reordered.indexOf('"nbformat"')).toBeLessThan(reordered.indexOf('"cells"'))
  expect(write(reading(reordered).notebook)).toBe(CANONICAL)
})

test("a future minor keeps its number, its keys, its cell types and its output types", () => {
  const future = `{
 "$schema": "https://example.org/4.9",
 "cells": [
  {
   "answer": 1.50,
   "cell_type": "widget",
   "id": "w",
   "metadata": {}
  },
  {
   "cell_type": "widget",
   "id": "v",
   "metadata": {},
   "source": []
  },
  {
   "cell_type": "code",
   "execution_count": null,
   "id": "c",
   "metadata": {},
   "mood": "sunny",
   "outputs": [
    {
     "output_type": "hologram",
     "payload": [
      "a\\n",
      "b"
     ]
    }
   ],
   "source": [
    "x"
   ]
  }
 ],
 "metadata": {},
 "nbformat": 4,
 "nbformat_minor": 9
}
`
  const { notebook, repairs, wasFormat } = reading(future)
  expect({ repairs, wasFormat }).toEqual({ repairs: [], wasFormat: [4, 9] })
  expect(notebook.cells.map((cell) => cell.source)).toEqual(["", "", "x"])
  expect(write(notebook)).toBe(future)
  expect(write({ ...notebook, cells: notebook.cells.map((cell) => ({ ...cell })) })).toBe(future)
  expect(writeCell({ ...(notebook.cells[0] as Cell), source: "now it has one" })).toContain('"now it has one"')
})

test("seals, trust and the original format are not written, whoever put them there", () => {
  const cell = { ...(notebookOf("x").cells[0] as Cell), metadata: { trusted: true, kept: 1 } }
  const notebook = {
    ...notebookOf(),
    metadata: { signature: "s", orig_nbformat: 3, orig_nbformat_minor: 0, kept: 1 },
    cells: [cell],
  } as unknown as Notebook
  expect(json(write(notebook))).toMatchObject({ metadata: { kept: 1 }, cells: [{ metadata: { kept: 1 } }] })
  expect(write(notebook)).not.toMatch(/signature|orig_nbformat|trusted/)
})

test("what cannot be written is an error before there is any text", () => {
  expect(() => write(notebookOf("a\ud800"))).toThrow(/surrogate/)
  const output = { output_type: "display_data", metadata: {}, data: { "image/png": new StringSpan(0, 9, true) } } as unknown as Output
  expect(() => writeOutput(output)).toThrow(/left as bytes/)
})

test("numbers in memory are spelled as Python spells them", () => {
  const metadata = { float: 0.5, tiny: 1e-7, kept: new NumberLexeme("2.50") }
  expect(write({ ...notebookOf(), metadata } as unknown as Notebook)).toContain('"float": 0.5,\n  "kept": 2.50,\n  "tiny": 1e-07\n')
})
