import { expect, test } from "vitest"
import { stopwatch } from "#base/testing.ts"
import { allows, readSpecifier } from "#environment/python-version.ts"
import { resolversReason } from "#environment/reasons.ts"
import {
  anchored,
  inlineProblem,
  isLock,
  lockedPackages,
  lockText,
  nameOf,
  reportedPackages,
  requirementLines,
  withKernel,
} from "#environment/requirements.ts"

const HASH = "a".repeat(64)

test("a requirements file is read line by line, without comments, with continued lines joined", () => {
  expect(requirementLines("\uFEFF# all\r\npandas>=2  # frames\n\n  six \\\n    --hash=sha256:1\nx @ https://h/#egg=x\n")).toEqual([
    "pandas>=2",
    "six      --hash=sha256:1",
    "x @ https://h/#egg=x",
  ])
})

test.each([
  ["Zope.Interface[test] >= 5", "zope-interface"],
  ["ipykernel", "ipykernel"],
  ["a_b==1", "a-b"],
  ["x@https://example.org/x.whl", "x"],
  ["x (>=1)", "x"],
  ["-r other.txt", undefined],
  ["https://example.org/x.whl", undefined],
  ["./x", undefined],
])("the line %j is about %j", (line, name) => {
  expect(nameOf(line)).toBe(name)
})

test("the kernel is added unless the list has it", () => {
  expect(withKernel(["six"])).toEqual(["six", "ipykernel"])
  expect(withKernel(["IPyKernel>=6"])).toEqual(["IPyKernel>=6"])
  expect(withKernel(["ipykernel-extra"])).toEqual(["ipykernel-extra", "ipykernel"])
})

test.each([
  "pandas",
  "pandas>=2,<3",
  "pandas >= 2",
  "a[b,c]~=1.0",
  "a==1.*; python_version < '3.12'",
  "a(>=1)",
  "zope.interface!=5.0",
  "a===1.0+local",
])("a notebook may list %j", (line) => {
  expect(inlineProblem(line)).toBeUndefined()
})

test.each([
  ["--index-url=https://example.org", /option of pip/],
  ["-e .", /option of pip/],
  ["pandas @ https://example.org/p.whl", /file or an address/],
  ["https://example.org/p.whl", /file or an address/],
  ["file:///etc/passwd", /file or an address/],
  ["./local", /file or an address/],
  ["../up", /file or an address/],
  ["folder\\x", /file or an address/],
  ["git+ssh://git@example.org/x", /file or an address/],
  ["pandas six", /not a package name/],
  ["", /not a package name/],
  ["pandas>=", /not a package name/],
  ["import os", /not a package name/],
  ["a --hash=sha256:00", /not a package name/],
  [`${"a".repeat(501)}`, /longer than 500/],
])("a notebook may not list %j", (line, why) => {
  expect(inlineProblem(line)).toMatch(why)
})

test("a line made to keep the reader busy is refused at once", () => {
  const spentMs = stopwatch()
  expect(inlineProblem(`a${">1  ".repeat(120)}!`)).toMatch(/not a package name/)
  expect(spentMs()).toBeLessThan(100)
})

test("what uv writes and what pip reports are read alike, and written as a lock that both take", () => {
  const uv = `idna @ https://example.org/idna-3.10-py3-none-any.whl \\\n    --hash=sha256:${HASH}\nTyping_Extensions==4.12 ; python_version < "3.13" \\\n    --hash=sha256:${HASH}\n`
  const pip = {
    install: [
      {
        metadata: { name: "idna", version: "3.10" },
        is_direct: true,
        download_info: { url: "https://example.org/idna-3.10-py3-none-any.whl", archive_info: { hash: `sha256=${HASH}` } },
      },
      {
        metadata: { name: "typing-extensions", version: "4.12" },
        is_direct: false,
        download_info: { url: "https://i/x.whl", archive_info: { hashes: { sha256: HASH } } },
      },
    ],
  }
  const packages = lockedPackages(uv)
  expect(reportedPackages(pip)).toEqual(packages)
  expect(packages.map(({ name, version }) => `${name} ${version}`)).toEqual(["idna 3.10", "typing-extensions 4.12"])
  expect(lockedPackages(lockText(packages))).toEqual(packages)
  expect(isLock(requirementLines(lockText(packages)))).toBe(true)
  expect(isLock(["six==1.0"])).toBe(false)
  expect(lockedPackages("./local\n--index-url x")).toEqual([{ name: "./local", version: "", hashes: [] }])
  expect(isLock([])).toBe(false)
})

test("what pip found in a directory has no hash", () => {
  expect(
    reportedPackages({ install: [{ metadata: { name: "x", version: "1" }, is_direct: true, download_info: { url: "file:///x", dir_info: {} } }] }),
  ).toEqual([{ name: "x", version: "1", url: "file:///x", hashes: [] }])
  expect(reportedPackages("nonsense")).toEqual([])
})

test("files that a list includes are found from where the list lies", () => {
  expect(anchored(["-r base.txt", "--constraint=c.txt", "-c/abs.txt", "-r https://example.org/r.txt", "six"], "/lists")).toEqual([
    "-r /lists/base.txt",
    "--constraint /lists/c.txt",
    "-c/abs.txt",
    "-r https://example.org/r.txt",
    "six",
  ])
})

test.each([
  [">=3.11", "3.11.7", true],
  [">=3.11", "3.9.18", false],
  [">=3.10,<3.12", "3.12.1", false],
  ["==3.11.*", "3.11.0", true],
  ["!=3.11.*", "3.11.0", false],
  ["==3.11", "3.11.0", true],
  ["==3.11", "3.11.2", false],
  ["~=3.11", "3.12.0", true],
  ["~=3.11.2", "3.12.0", false],
  [">=3.14", "3.14.0rc1", false],
  ["<3.14", "3.14.0rc1", true],
  ["> 3.9", "3.10.0", true],
  ["===3.11.7", "3.11.7", true],
  ["", "3.9.0", true],
])("%j and Python %s: %s", (text, version, allowed) => {
  const specifier = readSpecifier(text)
  expect(specifier.ok && allows(specifier.value, version)).toBe(allowed)
})

test.each(["3.11", ">=", ">=three", "~=3", ">=3.*", "=>3.11", ">=3.11; rm"])("%j is no specifier", (text) => {
  expect(readSpecifier(text).ok).toBe(false)
})

// As said by uv 0.13.9 and pip 23.0.1.
test.each([
  [
    "error: No solution found when resolving dependencies\n  cause: Because nosuch was not found in the package registry and you require nosuch, we can conclude that your requirements are unsatisfiable.\n\nhint: something",
    "Because nosuch was not found in the package registry and you require nosuch, we can conclude that your requirements are unsatisfiable",
  ],
  [
    "  × No solution found when resolving dependencies:\n  ╰─▶ Because you require six>1 and six<1,\n      it is unsatisfiable.",
    "Because you require six>1 and six<1, it is unsatisfiable",
  ],
  [
    "ERROR: Could not find a version that satisfies the requirement nosuch (from versions: none)\nERROR: No matching distribution found for nosuch",
    "Could not find a version that satisfies the requirement nosuch (from versions: none)",
  ],
  [
    "ERROR: Cannot install six<1 and six>1 because these package versions have conflicting dependencies.\n\nThe conflict is caused by:\n    The user requested six>1\n    The user requested six<1\n\nERROR: ResolutionImpossible: for help visit https://pip",
    "Cannot install six<1 and six>1 because these package versions have conflicting dependencies. (The user requested six>1; The user requested six<1)",
  ],
  ["", "it said nothing"],
])("the resolver's reason is taken out of %j", (output, reason) => {
  expect(resolversReason(output)).toBe(reason)
})
