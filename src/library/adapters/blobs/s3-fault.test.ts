import { expect, test } from "vitest"
import { Fault } from "#base/fault.ts"
import { answerOf, s3Fault } from "#library/adapters/blobs/s3-fault.ts"

const said = (name: string, httpStatusCode?: number, code?: string) =>
  Object.assign(new Error(name), { name, ...(code ? { code } : {}), ...(httpStatusCode ? { $metadata: { httpStatusCode } } : {}) })

test.each([
  ["throttled", said("SlowDown", 503)],
  ["throttled", said("UnknownError", 429)],
  ["passing", said("InternalError", 500)],
  ["passing", said("ConditionalRequestConflict", 409)],
  ["passing", said("OperationAborted", 409)],
  ["passing", said("BadDigest", 400)],
  ["passing", said("RequestTimeout", 400)],
  ["passing", said("TimeoutError")],
  ["passing", said("Error", undefined, "ECONNRESET")],
  ["passing", new Error("socket hang up")],
  ["present", said("PreconditionFailed", 412)],
  ["present", said("NoSuchUpload", 404)],
  ["absent", said("NoSuchKey", 404)],
  ["absent", said("NotFound", 404)],
  ["final", said("NoSuchBucket", 404)],
  ["final", said("AccessDenied", 403)],
  ["final", said("InvalidArgument", 400)],
  ["final", new Error("a bug of ours")],
] as const)("%s: %s", (answer, error) => {
  expect(answerOf(error)).toBe(answer)
})

test.each([
  ["read", said("SlowDown", 503), "storage_unreadable", "later", /slow down/],
  ["write", said("InternalError", 500), "storage_unwritable", "later", /again and again/],
  ["write", said("ConditionalRequestConflict", 409), "storage_unwritable", "later", /again and again/],
  ["write", said("XMinioStorageFull", 507), "disk_full", "later", /no room left/],
  ["write", said("NoSuchBucket", 404), "storage_unwritable", "never", /no bucket b/],
  ["read", said("AccessDenied", 403), "storage_forbidden", "never", /credentials/],
  ["read", new Error("Could not load credentials from any providers"), "storage_forbidden", "never", /credentials/],
] as const)("%s, when %s: %s", (doing, error, code, retry, message) => {
  const fault = s3Fault(error, doing, { bucket: "b", key: "k" })
  expect(fault).toMatchObject({ name: "Fault", code, retry, message: expect.stringMatching(message), remedy: expect.stringMatching(/\w/) })
  expect(fault.message).toContain("s3://b/k")
})

test("what is not of S3 passes as it is", () => {
  const ours = new Fault("blob_damaged", "x")
  const bug = new TypeError("cannot read properties of undefined")
  for (const error of [ours, bug]) expect(s3Fault(error, "read", { bucket: "b", key: "k" })).toBe(error)
})
