import fc from "fast-check"
import { expect, test } from "vitest"
import { previewOf } from "#web/space/preview.ts"

const bytes = (text: string) => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>
const whole = (path: string, text: string) => previewOf(path, bytes(text), bytes(text).length)

test("a table is read as RFC 4180 writes it", () => {
  const shown = whole("a.csv", 'name,note\r\n"Ann, B","said ""no""\nand left"\r\nC,\r\n')
  expect(shown).toEqual({
    kind: "table",
    columns: ["name", "note"],
    rows: [
      ["Ann, B", 'said "no"\nand left'],
      ["C", ""],
    ],
    isCut: false,
  })
  expect(whole("a.csv", "x;y\n1;2")).toMatchObject({ columns: ["x", "y"], rows: [["1", "2"]] })
})

test("every table that is written is read again", () => {
  const field = fc
    .string({ maxLength: 12, unit: "binary" })
    .filter((text) => text.isWellFormed() && !/[\x00-\x06\x0e-\x1a\x1c-\x1f]/u.test(text) && !text.startsWith("\ufeff"))
  const table = fc
    .integer({ min: 2, max: 4 })
    .chain((width) => fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }))
  const written = (rows: readonly (readonly string[])[]) =>
    rows.map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join("\t")).join("\n")
  fc.assert(
    fc.property(table, (rows) => {
      const shown = whole("t.tsv", written(rows))
      expect(shown.kind === "table" && [shown.columns, ...shown.rows]).toEqual(rows)
    }),
  )
})

test("of a part, the row that is cut off is left out and the letter that is cut off is no reason to show nothing", () => {
  const all = bytes("a,b\n1,2\n3,ä")
  const part = all.slice(0, all.length - 1)
  expect(previewOf("x.csv", part, all.length)).toMatchObject({ kind: "table", rows: [["1", "2"]], isCut: true })
  expect(previewOf("x.txt", part, all.length)).toMatchObject({ kind: "text", isCut: true })
})

test("a drawing that may hold scripts is shown as the text that it is; bytes are not shown", () => {
  expect(whole("a.svg", "<svg onload=alert(1)>")).toMatchObject({ kind: "text" })
  expect(previewOf("a.bin", new Uint8Array([1, 0, 2]), 3)).toMatchObject({ kind: "none" })
  expect(previewOf("a.txt", new Uint8Array([0xff, 0xfe, 0x41]), 3)).toMatchObject({ kind: "none" })
  expect(whole("a.png", "x")).toMatchObject({ kind: "picture", mediaType: "image/png" })
})

test("what is no text is not shown as if it were", () => {
  const said = { kind: "none", why: "It is no text, no table and no picture. Download it to open it." }
  expect(whole("a.bin", "\u0007\u0001\u0002".repeat(400))).toEqual(said)
  expect(whole("a.pdf", "%PDF-1.4\n1 0 obj")).toEqual(said)
  expect(whole("a.log", "\u001b[31mred\u001b[0m\r\n\f done\u0007")).toMatchObject({ kind: "text" })
})
