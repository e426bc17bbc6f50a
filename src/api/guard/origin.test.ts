import { expect, test } from "vitest"
import { type Asked, originProblem, type Place } from "#api/guard/origin.ts"

const place: Place = { origin: "https://trusted.example.com", hosts: ["trusted.example.com"] }
const asked: Asked = {
  method: "POST",
  host: "trusted.example.com",
  origin: "https://trusted.example.com",
  site: "same-origin",
  mode: "cors",
  dest: "empty",
  contentType: "application/json",
  marked: true,
  by: "cookie",
  surface: "api",
}
const problem = (change: Partial<Asked>, at: Place = place) => originProblem({ ...asked, ...change }, at)?.refused

test("our own page may write", () => expect(problem({})).toBeUndefined())

test.each([
  "null",
  "https://trusted.example.com.evil.com",
  "https://trusted.example.comedy",
  "https://trusted.example.com:9999",
  "http://trusted.example.com",
  "https://TRUSTED.example.com",
  "https://xn--trusted-example.com",
  "https://[::1]",
  "https://sub.trusted.example.com",
  "https://example.com",
  "https://evil.com/https://trusted.example.com",
  "https://trusted.example.com/",
  "https://trusted.example.com@evil.com",
  "file://",
  "",
])("a write from %j is refused, whoever asks", (origin) => {
  for (const by of ["cookie", "token", "nothing"] as const) expect(problem({ origin, by })).toBe("foreign_origin")
})

test.each(["cross-site", "same-site"])("a write that the browser calls %s is refused", (site) => {
  expect(problem({ site, origin: undefined })).toBe("foreign_origin")
})

test("with a cookie, a plain form or text/plain that is really JSON changes nothing", () => {
  for (const contentType of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", undefined])
    expect(problem({ contentType, marked: false, origin: undefined, site: undefined })).toBe("foreign_origin")
  expect(problem({ contentType: "text/plain", marked: false })).toBe("foreign_origin")
})

test("a program with a token needs no browser's headers", () => {
  expect(problem({ by: "token", origin: undefined, site: undefined, marked: false, contentType: undefined })).toBeUndefined()
})

test("a form is taken only when the browser says that it is from here", () => {
  const form = { surface: "page", contentType: "application/x-www-form-urlencoded", marked: false } as const
  expect(problem({ ...form, by: "nothing" })).toBeUndefined()
  expect(problem({ ...form, by: "nothing", origin: undefined, site: undefined })).toBe("foreign_origin")
})

test("what is read may be visited from elsewhere, but not taken in", () => {
  const read = { method: "GET", origin: undefined, marked: false, contentType: undefined } as const
  expect(problem({ ...read, site: "cross-site", mode: "navigate", dest: "document" })).toBeUndefined()
  for (const dest of ["script", "image", "style", "iframe", "empty", "object"])
    expect(problem({ ...read, site: "cross-site", mode: "no-cors", dest })).toBe("foreign_origin")
  expect(problem({ ...read, site: "cross-site", mode: "navigate", dest: "iframe" })).toBe("foreign_origin")
  expect(problem({ ...read, site: "same-site", mode: "no-cors", dest: "image" })).toBe("foreign_origin")
  expect(problem({ ...read, site: undefined })).toBeUndefined()
})

test("a name that was bound to this address elsewhere is refused, also for reading", () => {
  expect(problem({ host: "evil.example" })).toBe("wrong_host")
  expect(problem({ host: undefined, method: "GET" })).toBe("wrong_host")
  const local: Place = { origin: "http://localhost:7838", hosts: ["localhost:7838", "127.0.0.1:7838"] }
  expect(problem({ host: "127.0.0.1:7838", origin: "http://127.0.0.1:7838" }, local)).toBeUndefined()
  expect(problem({ host: "localhost:9999", origin: "http://localhost:9999" }, local)).toBe("wrong_host")
  const anywhere: Place = { origin: "https://a.example", hosts: "any" }
  expect(problem({ host: "b.example", origin: "https://b.example" }, anywhere)).toBeUndefined()
  expect(problem({ host: "b.example", origin: "https://c.example" }, anywhere)).toBe("foreign_origin")
})
