import { expect, test } from "vitest"
import { NumberLexeme, StringSpan } from "#base/json.ts"
import { decodeContent, LARGE_BYTES, SPANS_OVER } from "#kernel/content.ts"

const decode = (type: string, json: string) => decodeContent(type, Buffer.from(json), (bytes) => Buffer.from(bytes).toString())

test("numbers in what is kept in the document keep their spelling", () => {
  const json = '{"data": {"application/json": [1.0, 12345678901234567890]}, "metadata": {"w": 2.0}, "transient": {}}'
  for (const type of ["display_data", "update_display_data", "execute_result"]) {
    const { data, metadata } = decode(type, json) as { data: { "application/json": NumberLexeme[] }; metadata: { w: NumberLexeme } }
    expect([...data["application/json"], metadata.w].map(({ text }) => text)).toEqual(["1.0", "12345678901234567890", "2.0"])
  }
  expect(decode("comm_msg", json)).toEqual(JSON.parse(json))
})

test("texts and a plain count are read natively and are ordinary values", () => {
  const json = '{"data": {"text/plain": "1.0"}, "metadata": {}, "execution_count": 7}'
  expect(decode("execute_result", json)).toEqual(JSON.parse(json))
})

test("NaN, which Python writes and JSON forbids, is read", () => {
  const { x } = decode("comm_msg", '{"x": NaN}') as { x: NumberLexeme }
  expect(x).toBeInstanceOf(NumberLexeme)
})

test("above a megabyte long strings stay where they are, short ones are values", () => {
  const long = "A".repeat(LARGE_BYTES)
  const bytes = Buffer.from(`{"data": {"image/png": "${long}", "text/plain": "é"}, "metadata": {}}`)
  const { data } = decodeContent("display_data", bytes, () => expect.unreachable()) as { data: { "image/png": StringSpan; "text/plain": string } }
  const { start, length } = data["image/png"]
  expect([data["image/png"] instanceof StringSpan, bytes.subarray(start, start + length).toString() === long, data["text/plain"]]).toEqual([
    true,
    true,
    "é",
  ])
  expect(SPANS_OVER).toBe(65_536)
})

test("what is no JSON object is nothing", () => {
  for (const json of ["", "1", "1.0", "null", "[]", '"x"', "{", '{"a":}', "\u0000"]) expect(decode("display_data", json)).toBeUndefined()
})
