import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { controllersIn, settingsOf } from "#kernel/cgroup.ts"
import { entryScript, inOrder, limitsOf, type Place, prlimitArguments, reducedEnv } from "#kernel/confine.ts"
import type { Confinement } from "#kernel/ports.ts"

test("of our environment a confined kernel gets what is on a list, and no proxy with a password", () => {
  const env = {
    PATH: "/opt/bin",
    LANG: "de_DE.UTF-8",
    LC_ALL: "C",
    OMP_NUM_THREADS: "2",
    https_proxy: "http://proxy:3128",
    HTTP_PROXY: "http://me:secret@proxy",
    ...{
      DATABASE_URL: "x",
      STET_HOME: "x",
      AWS_PROFILE: "x",
      GITHUB_TOKEN: "x",
      HOME: "/root",
      PYTHONPATH: "x",
      LD_PRELOAD: "x",
      SSH_AUTH_SOCK: "x",
    },
  }
  expect(reducedEnv(env)).toEqual({ PATH: "/opt/bin", LANG: "de_DE.UTF-8", LC_ALL: "C", OMP_NUM_THREADS: "2", https_proxy: "http://proxy:3128" })
  expect(reducedEnv({})["PATH"]).toContain("/usr/bin")
})

test("a process limits its memory only where no control group counts it, and its processes only where they are its user's alone", () => {
  const confine: Confinement = {
    level: "L1",
    scratch: "/s",
    network: true,
    memoryBytes: 5,
    processes: 6,
    openFiles: 7,
    fileBytes: 8,
    cpuSeconds: 0.5,
  }
  expect(limitsOf(confine, { group: true, ownUser: true })).toEqual({ CORE: 0, MSGQUEUE: 0, CPU: 1, FSIZE: 8, NOFILE: 7, NPROC: 6 })
  expect(limitsOf(confine, { group: false, ownUser: false })).toEqual({ CORE: 0, CPU: 1, FSIZE: 8, NOFILE: 7, DATA: 5 })
  expect(prlimitArguments("/bin/prlimit", { CORE: 0, NOFILE: 7 })).toEqual(["/bin/prlimit", "--core=0", "--nofile=7"])
})

const bind = (path: string, isWritable = false): Place => ({ kind: "bind", path, isWritable })

test("places are made parents first, and what another one shows already is left out", () => {
  const tmp: Place = { kind: "tmpfs", path: "/tmp", mode: 0o1777 }
  const link: Place = { kind: "link", path: "/bin", target: "usr/bin" }
  const inner: Place = { kind: "link", path: "/usr/bin/python", target: "python3" }
  expect(inOrder([bind("/tmp/s", true), bind("/usr/lib/python3"), inner, bind("/usr"), tmp, link, bind("/tmp/s")])).toEqual([
    link,
    tmp,
    bind("/tmp/s", true),
    bind("/usr"),
  ])
  expect(inOrder([bind("/opt"), bind("/opt/work", true)])).toHaveLength(2)
  expect(inOrder([bind("/data"), tmp, bind("/tmp/x")])).toHaveLength(3)
})

test("no path breaks out of the script that is run as root", () => {
  const cwd = join(mkdtempSync(join(tmpdir(), "stet-")), "a'b $(touch pwned) `id`\n;echo")
  mkdirSync(cwd)
  const script = entryScript({ groups: [], covered: [], places: [], stash: "", cwd })
  const { stdout, status } = spawnSync("/bin/sh", ["-c", script, "stet", "pwd"], { encoding: "utf8" })
  expect([stdout, status]).toEqual([`${cwd}\n`, 0])
})

const V1_MOUNTS = `tmpfs /sys/fs/cgroup tmpfs rw 0 0
cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0
cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0
cgroup /sys/fs/cgroup/pids cgroup rw,pids 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0`
const V1_OWN = "8:pids:/\n4:memory:/docker/abc\n1:cpu,cpuacct:/\n0::/\n"

test("control groups of version 1 are found where they are mounted, version 2 where it counts memory", () => {
  const folders = new Set(["/sys/fs/cgroup/memory/docker/abc", "/sys/fs/cgroup/user/me", "/sys/fs/cgroup/user/me/memory.stat"])
  const exists = (path: string) => folders.has(path)
  expect(controllersIn(V1_MOUNTS, V1_OWN, exists)).toEqual([
    { version: 1, controllers: ["memory"], folder: "/sys/fs/cgroup/memory/docker/abc" },
    { version: 1, controllers: ["pids"], folder: "/sys/fs/cgroup/pids" },
    { version: 1, controllers: ["cpu"], folder: "/sys/fs/cgroup/cpu,cpuacct" },
  ])
  const unified = [{ version: 2, controllers: ["memory", "pids", "cpu"], folder: "/sys/fs/cgroup/user/me" }]
  expect(controllersIn("cgroup2 /sys/fs/cgroup cgroup2 rw 0 0", "0::/user/me\n", exists)).toEqual(unified)
  expect(controllersIn("proc /proc proc rw 0 0", "", exists)).toEqual([])
})

test("a group is given its limits in the words of its version", () => {
  const confine: Confinement = { level: "L1", scratch: "/s", network: true, memoryBytes: 1000, processes: 50, cpus: 1.5 }
  const written = (version: 1 | 2) =>
    settingsOf({ version, controllers: ["memory", "pids", "cpu"], folder: "/" }, confine).map(({ file, value }) => `${file} ${value}`)
  expect(written(2)).toEqual(["memory.max 1000", "memory.swap.max 0", "pids.max 50", "cpu.max 150000 100000"])
  expect(written(1)).toEqual([
    ...["memory.limit_in_bytes 1000", "memory.memsw.limit_in_bytes 1000", "pids.max 50", "cpu.cfs_period_us 100000", "cpu.cfs_quota_us 150000"],
  ])
  expect(settingsOf({ version: 2, controllers: ["memory", "pids", "cpu"], folder: "/" }, { level: "L0", scratch: "/s", network: true })).toEqual([])
})
