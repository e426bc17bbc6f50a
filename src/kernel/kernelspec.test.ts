import { expect, test } from "vitest"
import {
  asIpykernel,
  asPythonModule,
  fillArgv,
  fillEnv,
  isBareInterpreter,
  meantName,
  nearestFirst,
  nearName,
  readSpec,
  saysIdleEarly,
  specName,
  transportsOf,
} from "#kernel/kernelspec.ts"

const read = (value: unknown) => readSpec("x", "/k/x", typeof value === "string" ? value : JSON.stringify(value))

test("a kernel.json is read with Jupyter's defaults", () => {
  expect(read({ argv: ["x", "{connection_file}"], display_name: "X", language: "x" })).toEqual({
    ok: true,
    value: {
      name: "x",
      displayName: "X",
      language: "x",
      argv: ["x", "{connection_file}"],
      env: {},
      interruptMode: "signal",
      metadata: {},
      resourceDir: "/k/x",
    },
  })
  expect(read({ argv: ["x"], interrupt_mode: "message" })).toMatchObject({ ok: true, value: { interruptMode: "message", displayName: "x" } })
})

test("a kernel.json that cannot be used is refused with the file's name", () => {
  const bad = ["", "{", "[]", "null", "7", {}, { argv: [] }, { argv: "x" }, { argv: [1] }, { argv: ["x"], env: { A: 1 } }, { argv: ["x"], env: [] }]
  for (const value of bad) expect(read(value)).toMatchObject({ ok: false, refusal: { message: expect.stringMatching(/^\/k\/x\/kernel\.json /) } })
  const remote = { argv: ["x"], metadata: { kernel_provisioner: { provisioner_name: "slurm" } } }
  expect(read(remote)).toMatchObject({ ok: false, refusal: { message: expect.stringMatching(/provisioner "slurm"/) } })
  expect(read({ argv: ["x"], metadata: { kernel_provisioner: { provisioner_name: "local-provisioner" } } }).ok).toBe(true)
})

test("folders are kernel names without regard to case, and python means python3 unless there is a python", () => {
  expect([specName("Python3"), specName("conda-env.x_1"), specName("a b"), specName(".git"), specName("é")]).toEqual([
    "python3",
    "conda-env.x_1",
    undefined,
    ".git",
    undefined,
  ])
  expect([meantName("IR", new Set(["ir"])), meantName("python", new Set(["python3"])), meantName("python", new Set(["python"]))]).toEqual([
    "ir",
    "python3",
    "python",
  ])
})

test("placeholders of an argv are filled, unknown ones stay", () => {
  const values = { connectionFile: "/c f.json", resourceDir: "/r", prefix: "/p" }
  expect(fillArgv(["{prefix}/bin/x", "--f={connection_file}", "{resource_dir}", "{other}", "${HOME}", "{}"], values)).toEqual([
    "/p/bin/x",
    "--f=/c f.json",
    "/r",
    "{other}",
    "${HOME}",
    "{}",
  ])
})

test("a value put in for a placeholder is not looked at again", () => {
  expect(fillArgv(["{resource_dir}"], { connectionFile: "/c", resourceDir: "{connection_file}$&", prefix: "" })).toEqual(["{connection_file}$&"])
})

test("environment variables are filled the way Python's string.Template does", () => {
  const from = { HOME: "/h", EMPTY: "" }
  const env = { A: "${HOME}/a", B: "$HOME/b", C: "$$HOME", D: "${MISSING}$MISSING", E: "x${EMPTY}y", F: "$", G: "${}" }
  expect(fillEnv(env, from)).toEqual({ A: "/h/a", B: "/h/b", C: "$HOME", D: "${MISSING}$MISSING", E: "xy", F: "$", G: "${}" })
})

test("ipykernel is known by its module, whatever interpreter starts it", () => {
  expect(asIpykernel(["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"])).toEqual({
    interpreter: ["python"],
    rest: ["-f", "{connection_file}"],
  })
  expect(asIpykernel(["conda", "run", "-n", "x", "python", "-Xfrozen_modules=off", "-m", "ipykernel", "-f", "f"])?.interpreter).toHaveLength(6)
  expect(asIpykernel(["python", "-m", "bash_kernel", "-f", "f"])).toBeUndefined()
  expect(asIpykernel(["-m", "ipykernel"])).toBeUndefined()
  expect(
    [["/usr/bin/python3.11", "-X", "frozen_modules=off"], ["pypy3"], ["conda", "run", "python"], ["env", "python"]].map(isBareInterpreter),
  ).toEqual([true, true, false, false])
})

test("other kernels in Python are known by their module, when the process is the interpreter itself", () => {
  expect(asPythonModule(["/v/bin/python", "-m", "bash_kernel", "-f", "f"])).toEqual({
    interpreter: ["/v/bin/python"],
    rest: ["bash_kernel", "-f", "f"],
  })
  expect(
    [
      ["python", "-m"],
      ["-m", "x"],
      ["conda", "run", "python", "-m", "x"],
      ["R", "-e", "x"],
      ["python", "kernel.py"],
    ].map(asPythonModule),
  ).toEqual(Array(5).fill(undefined))
})

test("sockets in files are tried first, except where they are known not to work", () => {
  expect(transportsOf({ argv: ["python", "-m", "ipykernel_launcher"] })).toEqual(["ipc"])
  expect(transportsOf({ argv: ["/opt/deno", "jupyter", "--kernel"] })).toEqual(["tcp"])
  expect([saysIdleEarly({ argv: ["deno", "jupyter"] }), saysIdleEarly({ argv: ["R"] })]).toEqual([true, false])
  expect(transportsOf({ argv: ["R", "-e", "IRkernel::main()"] })).toEqual(["ipc", "tcp"])
})

test("the names nearest to the one asked for come first", () => {
  const names = ["bash", "deno", "ir", "julia-1.9", "python3", "python310"]
  expect(nearestFirst("pyton3", names)[0]).toBe("python3")
  expect(nearestFirst("Python", names).slice(0, 2)).toEqual(["python3", "python310"])
  expect(nearestFirst("julia", names)[0]).toBe("julia-1.9")
  expect(nearestFirst("IR", names)[0]).toBe("ir")
  expect(nearestFirst("", names)).toHaveLength(6)
  expect(["pyton3", "Python", "julia", "IR", "fortran", "sas", "x", ""].map((asked) => nearName(asked, names))).toEqual([
    ...["python3", "python3", "julia-1.9", "ir", undefined, undefined, undefined, undefined],
  ])
})
