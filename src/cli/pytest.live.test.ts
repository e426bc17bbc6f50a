/** The Python packages: the pytest plugin under plain pytest, on real kernels, and the types of both. */
import { execFile } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, expect, test } from "vitest"
import { desk } from "#cli/testing.ts"

const PACKAGE = fileURLToPath(new URL("../../integrations/python", import.meta.url))
const python = process.env["STET_TEST_TEMPLATES"] ?? ""
const clients = process.env["STET_TEST_CLIENTS"] ?? ""

const here = desk()
const home = mkdtempSync(join(tmpdir(), "stet-pytest-"))
afterAll(() => {
  here.clear()
  rmSync(home, { recursive: true, force: true })
})

test("functions and values of a notebook are reached, patched and run by tag", async () => {
  expect(python, "STET_TEST_TEMPLATES names the Python that has pytest").not.toBe("")
  const argv = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
  here.write("kernels/python3/kernel.json", JSON.stringify({ argv, display_name: "Python 3", language: "python" }))
  const env = {
    ...process.env,
    HOME: home,
    JUPYTER_PATH: [here.folder, process.env["JUPYTER_PATH"]].filter(Boolean).join(delimiter),
    PYTHONPATH: join(PACKAGE, "src"),
    PYTHONDONTWRITEBYTECODE: "1",
  }
  const words = ["-m", "pytest", "-p", "stet_pytest.plugin", "-p", "no:cacheprovider", "-q", "tests/notebook_cells.py"]
  const said = await new Promise<string>((resolve) => execFile(python, words, { cwd: PACKAGE, env }, (_, out, err) => resolve(`${out}${err}`)))
  expect(said).toMatch(/^8 passed in /m)
}, 300_000)

test("whoever checks types is told no untruth: both packages are typed throughout", async () => {
  expect(clients, "STET_TEST_CLIENTS names the Python that has mypy").not.toBe("")
  const words = ["-m", "mypy", "--strict", "--cache-dir", join(home, "mypy"), "--python-executable", python, "src"]
  const said = await new Promise<string>((resolve) => execFile(clients, words, { cwd: PACKAGE }, (_, out, err) => resolve(`${out}${err}`)))
  expect(said).toMatch(/^Success: no issues found in 14 source files/)
}, 300_000)
