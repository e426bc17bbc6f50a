/** The policy of frames, and where libraries may be read from. */
import fc from "fast-check"
import { expect, test } from "vitest"
import { framePolicy, hostsOf } from "#api/frames/document.ts"
import { libraryPath, prefixOf } from "#api/frames/library-path.ts"

test("a frame asks nobody for anything unless a host was allowed, and even then never for a connection", () => {
  const closed = framePolicy([])
  expect(closed).toContain("sandbox allow-scripts;")
  expect(closed).not.toContain("allow-same-origin")
  expect(closed).toContain("connect-src 'none'")
  expect(closed).not.toMatch(/https?:/)
  const open = framePolicy(["cdn.example"])
  expect(open).toContain("script-src 'unsafe-inline' 'unsafe-eval' blob: https://cdn.example;")
  expect(open).toContain("connect-src 'none'")
})

test("only names of hosts are taken", () => {
  expect(hostsOf(undefined)).toEqual([])
  expect(hostsOf("cdn.example,a.b:8080")).toEqual(["cdn.example", "a.b:8080"])
  for (const bad of ["*", "a b", "a;script-src *", "'unsafe-inline'", "https://a", "a/", "-a", "a..b", "A", "a,", "*.example", "x".repeat(300)])
    expect(hostsOf(bad)).toBeUndefined()
  fc.assert(
    fc.property(fc.string(), (text) => {
      const hosts = hostsOf(text)
      if (hosts) expect(framePolicy(hosts).split("; ")).toHaveLength(framePolicy([]).split("; ").length)
    }),
  )
})

test("libraries are scripts and styles below a few folders", () => {
  expect(libraryPath("nbextensions/jupyter-matplotlib/index.js")).toEqual({
    base: "nbextensions",
    root: "nbextensions",
    file: "jupyter-matplotlib/index.js",
  })
  expect(libraryPath("nbextensions/@scope/x/index.js")?.file).toBe("@scope/x/index.js")
  expect(libraryPath("bokeh/server/static/js/bokeh.min.js")).toEqual({ base: "packages", root: "bokeh/server/static/js/", file: "bokeh.min.js" })
  expect(libraryPath("panel/dist/bundled/es-module-shims@^1.10.0/x.min.js")?.base).toBe("packages")
  for (const bad of [
    "nbextensions/../x.js",
    "nbextensions/x/../../y.js",
    "nbextensions/x.js",
    "/etc/passwd",
    "nbextensions//x/y.js",
    "bokeh/secrets.js",
    "nbextensions/x/index.py",
    "nbextensions/x/.\u0000.js",
    "nbextensions/x/%2e%2e/y.js",
  ])
    expect(libraryPath(bad)).toBeUndefined()
})

test("an environment is where its kernel's program is, else where its kernelspec is", () => {
  expect(prefixOf({ argv: ["/opt/env/bin/python", "-m"], resourceDir: "/x" })).toBe("/opt/env")
  expect(prefixOf({ argv: ["R"], resourceDir: "/opt/env/share/jupyter/kernels/ir" })).toBe("/opt/env")
  expect(prefixOf({ argv: ["python"], resourceDir: "" })).toBeUndefined()
})
