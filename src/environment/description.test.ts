import fc from "fast-check"
import { expect, test } from "vitest"
import { canonical, type Description, type Package } from "#environment/description.ts"
import { difference } from "#environment/difference.ts"
import { description } from "#environment/testing.ts"

test("the canonical form is sorted, without a space, and holds no path, time or name that people gave", () => {
  const what = description({
    packages: [
      { name: "six", version: "1.17.0", hashes: ["sha256:b", "sha256:a", "sha256:b"] },
      { name: "idna", version: "3.10" },
    ],
  })
  expect(canonical(what)).toBe(
    '{"format":1,"interpreter":{"name":"CPython","version":"3.12.4"},"kernel":{"argv":["{prefix}/bin/python","-m","ipykernel_launcher","-f","{connection_file}"],' +
      '"displayName":"Python 3 (ipykernel)","interruptMode":"signal","language":"python","name":"python3"},"kind":"locked",' +
      '"packages":[{"name":"idna","version":"3.10"},{"hashes":["sha256:a","sha256:b"],"name":"six","version":"1.17.0"}],' +
      '"platform":{"libc":"glibc","machine":"x86_64","os":"linux"}}',
  )
})

const packages = fc.uniqueArray(fc.record({ name: fc.string(), version: fc.string() }), { selector: ({ name }) => name, maxLength: 8 })

test("neither the order of packages nor that of members changes it", () => {
  fc.assert(
    fc.property(packages, (list) => {
      const one = description({ packages: list })
      const other = Object.fromEntries(Object.entries({ ...one, packages: [...list].reverse() }).reverse()) as unknown as Description
      expect(canonical(other)).toBe(canonical(one))
    }),
  )
})

test("whatever decides what runs changes it", () => {
  const one = description({ packages: [{ name: "six", version: "1.17.0", hashes: ["sha256:a"] }] })
  const package_ = (changed: Partial<Package>) => ({ ...one, packages: [{ ...one.packages[0]!, ...changed }] })
  const others: readonly Description[] = [
    { ...one, kind: "captured" },
    { ...one, interpreter: { name: "CPython", version: "3.12.5" } },
    { ...one, interpreter: { name: "PyPy", version: "3.12.4" } },
    { ...one, platform: { ...one.platform, machine: "aarch64" } },
    { ...one, kernel: { ...one.kernel, argv: ["python", "-m", "other"] } },
    { ...one, kernel: { ...one.kernel, interruptMode: "message" } },
    package_({ version: "1.17.1" }),
    package_({ name: "sixx" }),
    package_({ hashes: ["sha256:b"] }),
    package_({ url: "https://example.org/six.whl" }),
  ]
  expect(new Set([one, ...others].map(canonical)).size).toBe(others.length + 1)
})

test("it reads back as the same description", () => {
  fc.assert(
    fc.property(packages, (list) => {
      const one = description({ packages: list })
      expect(canonical(JSON.parse(canonical(one)) as Description)).toBe(canonical(one))
    }),
  )
})

test("a difference is told in the words of its packages, three of them", () => {
  const before = description({
    packages: [
      { name: "a", version: "1" },
      { name: "b", version: "1" },
      { name: "c", version: "1" },
      { name: "d", version: "1" },
    ],
  })
  const now = description({
    packages: [
      { name: "a", version: "2" },
      { name: "c", version: "2" },
      { name: "d", version: "2" },
      { name: "e", version: "1" },
    ],
  })
  expect(difference(before, now)).toBe("a 1 → 2, b is gone, c 1 → 2 and 2 more")
  expect(difference(before, { ...before, interpreter: { name: "CPython", version: "3.13.0" } })).toBe("CPython 3.12.4 → CPython 3.13.0")
  expect(difference(before, before)).toBe("")
})
