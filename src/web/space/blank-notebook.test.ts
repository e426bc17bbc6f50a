import { expect, test } from "vitest"
import { read } from "#notebook/index.ts"
import { blankNotebook, fileNameOf } from "#web/space/blank-notebook.ts"

test("a new notebook is one that the library takes, for the kernel that was chosen", () => {
  const bytes = blankNotebook({ name: "ir", displayName: "R", language: "R" }, "a1b2c3d4")
  const taken = read(bytes)
  expect(taken.ok && taken.value.notebook.cells.length).toBe(1)
  expect(JSON.parse(new TextDecoder().decode(bytes)).metadata.kernelspec).toEqual({ display_name: "R", language: "R", name: "ir" })
})

test("a title becomes a file name that every system takes", () => {
  const names = ["Sales Q3", "a/b: c?", "Report.ipynb", "  ", "...hidden", "日本語 レポート", "x\u0000y"].map(fileNameOf)
  expect(names).toEqual(["Sales Q3.ipynb", "a b c.ipynb", "Report.ipynb", "Untitled.ipynb", "hidden.ipynb", "日本語 レポート.ipynb", "x y.ipynb"])
})
