import { expect, test } from "vitest"
import { type SearchWorld, specFolders } from "#kernel/search.ts"

const folders = (env: Record<string, string>, more: Partial<SearchWorld> = {}) =>
  specFolders({ env, home: "/home/ada", platform: "linux", ...more }).map(({ folder }) => folder.replace(/\/kernels$/, ""))

test("JUPYTER_PATH comes first, then the user's, the environment's, the system's and the oldest place", () => {
  expect(folders({ JUPYTER_PATH: "/one:/two/" }, { prefix: "/opt/py", managedPrefix: "/stet/env" })).toEqual([
    "/one",
    "/two",
    "/home/ada/.local/share/jupyter",
    "/opt/py/share/jupyter",
    "/usr/local/share/jupyter",
    "/usr/share/jupyter",
    "/home/ada/.ipython",
    "/stet/env/share/jupyter",
  ])
})

test("inside a virtual or conda environment its kernels come before the user's, unless told otherwise", () => {
  const order = (env: Record<string, string>) => folders(env).filter((folder) => /ada|venv/.test(folder))
  const userFirst = ["/home/ada/.local/share/jupyter", "/venv/share/jupyter", "/home/ada/.ipython"]
  const envFirst = ["/venv/share/jupyter", "/home/ada/.local/share/jupyter", "/home/ada/.ipython"]
  expect(order({ VIRTUAL_ENV: "/venv" })).toEqual(envFirst)
  expect(order({ CONDA_PREFIX: "/venv", CONDA_DEFAULT_ENV: "x" })).toEqual(envFirst)
  expect(order({ CONDA_PREFIX: "/venv", CONDA_DEFAULT_ENV: "base" })).toEqual(userFirst)
  expect(order({ VIRTUAL_ENV: "/venv", JUPYTER_PREFER_ENV_PATH: "0" })).toEqual(userFirst)
  expect(folders({ JUPYTER_PREFER_ENV_PATH: "1" }, { prefix: "/opt/py" })[0]).toBe("/opt/py/share/jupyter")
})

test("the user's folder follows JUPYTER_DATA_DIR, XDG_DATA_HOME and the platform", () => {
  expect(folders({ JUPYTER_DATA_DIR: "/data", XDG_DATA_HOME: "/xdg" })[0]).toBe("/data")
  expect(folders({ XDG_DATA_HOME: "/xdg" })[0]).toBe("/xdg/jupyter")
  expect(folders({}, { platform: "darwin" })[0]).toBe("/home/ada/Library/Jupyter")
  expect(folders({ APPDATA: "C:\\A", PROGRAMDATA: "C:\\P" }, { platform: "win32" }).slice(0, 2)).toEqual(["C:\\A/jupyter", "C:\\P/jupyter"])
  expect(folders({ IPYTHONDIR: "/ipy" }).at(-1)).toBe("/ipy")
})

test("every folder is searched once, and tells which environment it belongs to", () => {
  const found = specFolders({ env: { VIRTUAL_ENV: "/usr", JUPYTER_PATH: "/v/share/jupyter" }, home: "/h", platform: "linux", prefix: "/usr" })
  expect(found.map(({ folder }) => folder)).toEqual([...new Set(found.map(({ folder }) => folder))])
  expect(found.slice(0, 2)).toEqual([
    { folder: "/v/share/jupyter/kernels", prefix: "/v" },
    { folder: "/usr/share/jupyter/kernels", prefix: "/usr" },
  ])
})
