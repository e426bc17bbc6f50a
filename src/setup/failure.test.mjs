import { expect, test } from "vitest"
import { reasonOf } from "#setup/failure.mjs"

// What the tools really said, shortened.
const SAID = /** @type {const} */ ([
  [
    "npm error code ECONNREFUSED\nnpm error FetchError: request to http://127.0.0.1:9/uv failed, reason: connect ECONNREFUSED 127.0.0.1:9",
    "network",
    "the package index cannot be reached",
  ],
  [
    "npm error code ENOTFOUND\nnpm error errno ENOTFOUND\nnpm error network getaddrinfo ENOTFOUND registry.example",
    "network",
    "the package index cannot be reached",
  ],
  [
    "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPConnection object>: Failed to establish a new connection: [Errno 111] Connection refused')'\nERROR: Could not find a version that satisfies the requirement uv (from versions: none)\nERROR: No matching distribution found for uv",
    "network",
    "the package index cannot be reached",
  ],
  [
    "error: Failed to fetch: `http://127.0.0.1:9/simple/pandas/`\n  Caused by: error sending request\n  Caused by: tcp connect error: Connection refused (os error 111)",
    "network",
    "the package index cannot be reached",
  ],
  [
    "error: Failed to install: numpy.whl\n  Caused by: failed to write to file `x`: No space left on device (os error 28)",
    "disk",
    "the disk is full",
  ],
  ["ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk", "the disk is full"],
  ["npm error code ENOSPC", "disk", "the disk is full"],
  [
    "ERROR: Could not fetch URL: There was a problem confirming the ssl certificate: [SSL: CERTIFICATE_VERIFY_FAILED]",
    "network",
    "the package index's certificate is not trusted",
  ],
  [
    "WARNING: Retrying after connection broken by 'ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 403 Forbidden'))'",
    "network",
    "the proxy refused the connection",
  ],
  [
    "The virtual environment was not created successfully because ensurepip is not\navailable. … ensurepip is not available",
    "other",
    "Python's venv module is incomplete",
  ],
  ["mkdir: EROFS: read-only file system", "disk", "a directory may not be written"],
  ["ERROR: No matching distribution found for numpy>=9", "other", "the package index lacks a package for this machine"],
])

test.each(SAID)("%s", (output, kind, why) => {
  const reason = reasonOf(output)
  expect([reason.kind, reason.why]).toEqual([kind, why])
  expect(reason.remedy).not.toBe("")
})

test("what nobody foresaw is quoted, its last lines only", () => {
  expect(reasonOf("one\ntwo\n\nthree\nfour\n").why).toBe("it said: two / three / four")
  expect(reasonOf("").why).toBe("it said nothing")
  expect(reasonOf("x".repeat(5000)).why.length).toBeLessThan(400)
})
