import { expect, test } from "vitest"
import { cookieName, cookieValue, setCookie } from "#api/guard/cookie.ts"
import { dispositionOf } from "#api/serve/answer.ts"
import { securityHeaders } from "#api/wire/headers.ts"

test("over TLS the cookie is bound to its host, on this machine to its port", () => {
  expect(cookieName(new URL("https://stet.example"))).toBe("__Host-stet")
  expect(cookieName(new URL("http://localhost:7838"))).toBe("stet-7838")
  expect(setCookie({ name: "__Host-stet", value: "v", secure: true, maxAgeSeconds: 9.9 })).toBe(
    "__Host-stet=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=9; Secure",
  )
})

test("a cookie that stands there twice was planted", () => {
  expect(cookieValue("a=1; stet-1=x; b=2", "stet-1")).toBe("x")
  expect(cookieValue("stet-1=x; stet-1=y", "stet-1")).toBeUndefined()
  expect(cookieValue("stet-1=", "stet-1")).toBeUndefined()
  expect(cookieValue("xstet-1=x", "stet-1")).toBeUndefined()
  expect(cookieValue(undefined, "stet-1")).toBeUndefined()
})

test("TLS is told for good, plain HTTP is not", () => {
  expect(securityHeaders({ kind: "api", https: true })["strict-transport-security"]).toMatch(/^max-age=\d+/)
  expect(securityHeaders({ kind: "api", https: false })["strict-transport-security"]).toBeUndefined()
})

test.each([
  ["reports/Größe „neu“.ipynb", `attachment; filename="Gr__e _neu_.ipynb"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%E2%80%9Eneu%E2%80%9C.ipynb`],
  ['a"b\\c.csv', `attachment; filename="a_b_c.csv"; filename*=UTF-8''a_b_c.csv`],
  ["a\r\nSet-Cookie: x.txt", `attachment; filename="a__Set-Cookie: x.txt"; filename*=UTF-8''a__Set-Cookie%3A%20x.txt`],
  ["", `attachment; filename="download"; filename*=UTF-8''download`],
])("the name of a download is a name: %j", (name, header) => {
  expect(dispositionOf(name)).toBe(header)
})
