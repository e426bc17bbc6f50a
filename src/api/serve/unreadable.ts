/** What cannot be read as a request at all, answered as everything else is: with a problem. Pure. */
import { STATUS_CODES } from "node:http"
import { type AnyRefusal, problemOfRefusal } from "#api/problem.ts"

/** In bytes, of the address and all headers together. */
export const LONGEST_HEAD = 16 * 1024

/** @param code that of Node's parser. @returns the whole answer; nothing that came stands in it */
export function answerToUnreadable(code: string | undefined, instance: string): string {
  const { problem } = problemOfRefusal(refusalOf(code), instance)
  const body = JSON.stringify(problem)
  return [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    "Connection: close",
    "Content-Type: application/problem+json; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Cache-Control: no-store",
    "X-Content-Type-Options: nosniff",
    `X-Request-Id: ${instance}`,
    "",
    body,
  ].join("\r\n")
}

function refusalOf(code: string | undefined): AnyRefusal {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return { refused: "head_too_large", message: `The address and the headers are larger than ${LONGEST_HEAD} bytes together.` }
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return { refused: "came_too_slowly", message: "The request did not come to its end in time." }
    default:
      return { refused: "bad_request", message: "What came is not a request over HTTP/1.1." }
  }
}
