import { expect, test } from "vitest"
import { locate, pour, type Sink, withoutSecrets } from "#run/storage.ts"

test.each([
  ["a.ipynb", { kind: "file", path: "a.ipynb" }],
  ["/tmp/ä b.ipynb", { kind: "file", path: "/tmp/ä b.ipynb" }],
  ["~/a.ipynb", { kind: "file", path: "~/a.ipynb" }],
  ["C:/reports/a.ipynb", { kind: "file", path: "C:/reports/a.ipynb" }],
  ["notes:draft.ipynb", { kind: "file", path: "notes:draft.ipynb" }],
  ["-", { kind: "standard stream" }],
  ["file:///tmp/a%20b.ipynb?x#y", { kind: "file", path: "/tmp/a b.ipynb" }],
  ["FILE://localhost/tmp/a", { kind: "file", path: "/tmp/a" }],
  ["HTTPS://example.org/a", { kind: "http", address: "HTTPS://example.org/a" }],
  ["s3://bucket/dir/a b?.ipynb", { kind: "s3", bucket: "bucket", key: "dir/a b?.ipynb" }],
])("%s is told from its text", (uri, location) => {
  expect(locate(uri)).toEqual(location)
})

test.each([
  ["", /empty/],
  ["a\0b", /NUL/],
  ["file:///a%00b", /NUL/],
  ["file:///a%FFb", /UTF-8/],
  ["file://tmp/a.ipynb", /another machine, tmp/],
  ["file://", /three slashes/],
  ["s3://bucket", /no object/],
  ["s3://bucket/dir/", /no object/],
  ["s3:///key", /no bucket/],
  ["gs://bucket/key", /cannot reach gs:\/\//],
])("%j cannot be used, and why is said", (uri, why) => {
  expect(locate(uri)).toEqual({ kind: "unusable", why: expect.stringMatching(why) })
})

test("what is shown of a web address holds no password and no signature", () => {
  expect(withoutSecrets("https://me:pa:ss@example.org/a@b.ipynb?X-Amz-Signature=abc#d")).toBe("https://example.org/a@b.ipynb")
  expect(withoutSecrets("reports/what?.ipynb")).toBe("reports/what?.ipynb")
})

function tracing(failAt?: string): { sink: Sink; said: string[] } {
  const said: string[] = []
  const say = async (what: string) => {
    said.push(what)
    if (what === failAt) throw new Error(what)
  }
  return { said, sink: { write: (bytes) => say(`write ${bytes.length}`), commit: () => say("commit"), abort: () => say("abort") } }
}

test("pouring commits once at the end, and aborts when the source or the sink fails", async () => {
  const whole = tracing()
  await pour(new Uint8Array(3), whole.sink)
  expect(whole.said).toEqual(["write 3", "commit"])

  const full = tracing("write 2")
  await expect(pour(new Uint8Array(2), full.sink)).rejects.toThrow("write 2")
  expect(full.said).toEqual(["write 2", "abort"])

  const cut = tracing()
  const source = async function* () {
    yield new Uint8Array(1)
    throw new Error("the source broke")
  }
  await expect(pour(source(), cut.sink)).rejects.toThrow("the source broke")
  expect(cut.said).toEqual(["write 1", "abort"])
})
