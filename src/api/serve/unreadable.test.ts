import { expect, test } from "vitest"
import { answerToUnreadable } from "#api/serve/unreadable.ts"

test("what cannot be read as a request is told as a problem, with its own status", () => {
  const told = (code?: string) => {
    const [head = "", body = ""] = answerToUnreadable(code, "r1").split("\r\n\r\n")
    const { status, code: named, instance } = JSON.parse(body)
    expect(head).toContain(`Content-Length: ${Buffer.byteLength(body)}`)
    expect(instance).toBe("r1")
    return [head.split("\r\n")[0], status, named]
  }
  expect(told("HPE_HEADER_OVERFLOW")).toEqual(["HTTP/1.1 431 Request Header Fields Too Large", 431, "head_too_large"])
  expect(told("ERR_HTTP_REQUEST_TIMEOUT")).toEqual(["HTTP/1.1 408 Request Timeout", 408, "came_too_slowly"])
  expect(told("HPE_INVALID_METHOD")).toEqual(["HTTP/1.1 400 Bad Request", 400, "bad_request"])
})
