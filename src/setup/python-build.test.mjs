import { expect, test } from "vitest"
import { fromPip } from "#setup/python-build.mjs"

test("an index that is named to pip alone is the one that uv asks", () => {
  const listed = "global.index-url='https://mirror.example/simple'\nglobal.extra-index-url='https://two.example/simple'\nglobal.cert='/etc/ca.pem'\n"
  expect(fromPip(listed, {})).toEqual({
    UV_DEFAULT_INDEX: "https://mirror.example/simple",
    UV_INDEX: "https://two.example/simple",
    SSL_CERT_FILE: "/etc/ca.pem",
  })
})

test("what the environment tells pip wins over pip's files", () => {
  expect(fromPip("global.index-url='https://file.example/simple'\n", { PIP_INDEX_URL: "https://env.example/simple" })).toEqual({
    UV_DEFAULT_INDEX: "https://env.example/simple",
  })
})

test("what was said to uv itself stays", () => {
  expect(fromPip("global.index-url='https://pip.example/simple'\n", { UV_INDEX_URL: "https://uv.example/simple" })).toEqual({})
  expect(fromPip("global.cert='/pip.pem'\n", { SSL_CERT_FILE: "/mine.pem" })).toEqual({})
})

test("folders of wheels, no index at all, a proxy", () => {
  expect(fromPip("", { PIP_FIND_LINKS: "/a /b", PIP_NO_INDEX: "true", PIP_PROXY: "http://proxy:3128" })).toEqual({
    UV_FIND_LINKS: "/a,/b",
    UV_NO_INDEX: "1",
    HTTPS_PROXY: "http://proxy:3128",
    HTTP_PROXY: "http://proxy:3128",
  })
})

test("a pip without settings says nothing to uv", () => {
  expect(fromPip("", {})).toEqual({})
})
