import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type Server } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { isAlive } from "#base/adapters/process.ts"
import { probeIsolation } from "#kernel/adapters/isolation.ts"
import { hasProcesses, killAllOf } from "#kernel/adapters/leftovers.ts"
import type { Confinement, Isolation, IsolationLevel } from "#kernel/index.ts"
import { chooseIsolation } from "#kernel/index.ts"
import { type Talk, talk, testKernels } from "#kernel/testing.ts"

/**
 * What code in a kernel can do, by level. `yes` at L0 is no wish: it says what that level does not hold against.
 * `*` = as our own user may; `?` = no, where Linux can hold a process to the files that it needs.
 */
const TABLE = `
                                            L0   L1   L2
  read a file of the server's home          yes  no   no
  list the server's home                    yes  no   no
  connect to the server's database socket   yes  no   no
  read the server's environment             yes  no   no
  see the server's process                  yes  yes  no
  signal the server                         yes  no   no
  trace the server                          yes  no   no
  read a file that everybody may read       yes  ?    no
  list a directory that everybody may list  yes  ?    no
  read a folder of data for everybody       yes  yes  yes
  write in a folder of data for everybody   *    no   no
  read another kernel's file                yes  no   no
  list another kernel's sockets             yes  no   no
  connect to another kernel's socket        yes  no   no
  read another kernel's key                 yes  no   no
  read DATABASE_URL                         no   no   no
  read STET_SECRET                          no   no   no
  read AWS_SECRET_ACCESS_KEY                no   no   no
  reach a port of this machine              yes  yes  no
  reach an abstract socket of this machine  yes  ?    no
  mount something                           *    no   no
  become root                               *    no   no
  gain privileges from a program            *    no   no
  make a user namespace and mount in it     *    *    no
  change its root directory                 *    no   no
  make a device                             *    no   no
  open a raw socket                         *    no   no
  write a control group                     *    no   no
  read /etc/shadow                          *    no   no
  write in /etc                             *    no   no
  write Stet's own code                     *    no   no
  write the environment's packages          *    no   no
  change the kernel's settings              *    no   no
  set the host's name                       *    no   no
  raise its own limits                      *    no   no
  make any system call                      *    *    no
  hand work to the system by io_uring       *    *    no
  keep a key in the system                  *    *    no
  open a socket of an odd family            *    *    no
  take more than its share of time          *    no   no
  write in its scratch directory            yes  yes  yes
  write in /tmp                             yes  yes  yes
  write in /dev/shm                         yes  yes  yes
  use a terminal                            yes  yes  yes
  start a program                           yes  yes  yes
  find its home                             yes  yes  yes
`

const PROBES = `
import ctypes, json, os, pty, resource, socket, subprocess, tempfile
libc = ctypes.CDLL(None, use_errno=True)
def must(result):
    if result != 0: raise OSError(ctypes.get_errno(), "refused")
def connect(family, address):
    with socket.socket(family) as s:
        s.settimeout(2)
        s.connect(address)
def become_root():
    pid = os.fork()
    if pid == 0:
        try:
            os.setresuid(0, 0, 0)
            os._exit(0)
        except OSError:
            os._exit(1)
    if os.waitpid(pid, 0)[1] != 0: raise OSError("refused")
def in_fork(act):
    pid = os.fork()
    if pid == 0:
        try:
            act()
            os._exit(0)
        except BaseException:
            os._exit(1)
    if os.waitpid(pid, 0)[1] != 0: raise OSError("refused")
def user_namespace():
    must(libc.unshare(0x10000000 | 0x00020000))
    must(libc.mount(b"x", b"/tmp", b"tmpfs", 0, None))
def new_privileges():
    if libc.prctl(39, 0, 0, 0, 0) == 1: raise OSError("no new privileges")
def raise_limit():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard + 1))
def unfiltered():
    if "Seccomp:\\t2" in open("/proc/self/status").read(): raise OSError("filtered")
def called(numbers, *args):
    if libc.syscall(numbers[os.uname().machine], *args) < 0 and ctypes.get_errno() in (1, 38): raise OSError("refused")
def write(path):
    with open(path, "a"): pass
def write_new(folder):
    path = os.path.join(folder, "stet-probe")
    with open(path, "w") as f: f.write("x")
    os.remove(path)
def has(name):
    os.environ[name]
def terminal():
    a, b = pty.openpty()
    os.close(a), os.close(b)
def home():
    if not os.environ["HOME"].startswith(W["scratch"]) or os.path.expanduser("~") != os.environ["HOME"]: raise OSError("elsewhere")
    write_new(os.environ["HOME"])
    write_new(tempfile.gettempdir())
def trace():
    must(libc.ptrace(0x4206, W["server"], None, None))
    libc.ptrace(17, W["server"], None, None)
PROBES = {
  "read a file of the server's home": lambda: open(W["home"] + "/keys/master").read(),
  "list the server's home": lambda: os.listdir(W["home"] + "/keys"),
  "connect to the server's database socket": lambda: connect(socket.AF_UNIX, W["home"] + "/postgres/s"),
  "read the server's environment": lambda: open(f"/proc/{W['server']}/environ").read(),
  "see the server's process": lambda: os.stat(f"/proc/{W['server']}/cmdline") and (open(f"/proc/{W['server']}/comm").read() == "sleep\\n" or has("nothing")),
  "signal the server": lambda: os.kill(W["server"], 0),
  "trace the server": lambda: in_fork(trace),
  "read a file that everybody may read": lambda: open(W["public"] + "/notes").read(),
  "list a directory that everybody may list": lambda: os.listdir(W["public"]),
  "read a folder of data for everybody": lambda: os.listdir(W["data"]) and open(W["data"] + "/notes").read(),
  "write in a folder of data for everybody": lambda: write_new(W["data"]),
  "read another kernel's file": lambda: open(W["other"] + "/work/private").read(),
  "list another kernel's sockets": lambda: os.listdir(W["sockets"]),
  "connect to another kernel's socket": lambda: connect(socket.AF_UNIX, W["sockets"] + "/s-2"),
  "read another kernel's key": lambda: open(os.path.dirname(W["sockets"]) + "/connection.json").read(),
  "read DATABASE_URL": lambda: has("DATABASE_URL"),
  "read STET_SECRET": lambda: has("STET_SECRET"),
  "read AWS_SECRET_ACCESS_KEY": lambda: has("AWS_SECRET_ACCESS_KEY"),
  "reach a port of this machine": lambda: connect(socket.AF_INET, ("127.0.0.1", W["port"])),
  "reach an abstract socket of this machine": lambda: connect(socket.AF_UNIX, "\\0" + W["abstract"]),
  "mount something": lambda: must(libc.mount(b"x", b"/mnt", b"tmpfs", 0, None)),
  "become root": become_root,
  "gain privileges from a program": new_privileges,
  "make a user namespace and mount in it": lambda: in_fork(user_namespace),
  "change its root directory": lambda: in_fork(lambda: os.chroot("/usr")),
  "make a device": lambda: os.mknod(W["scratch"] + "/device", 0o020666, os.makedev(1, 3)),
  "open a raw socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).close(),
  "write a control group": lambda: os.mkdir("/sys/fs/cgroup/memory/stet-probe-inside"),
  "read /etc/shadow": lambda: open("/etc/shadow").read(),
  "write in /etc": lambda: write_new("/etc"),
  "write Stet's own code": lambda: write(W["launcher"]),
  "write the environment's packages": lambda: write(json.__file__),
  "change the kernel's settings": lambda: open("/proc/sys/kernel/core_pattern", "r+").write("core"),
  "set the host's name": lambda: in_fork(lambda: socket.sethostname("mine")),
  "raise its own limits": raise_limit,
  "make any system call": unfiltered,
  "hand work to the system by io_uring": lambda: called({"x86_64": 425, "aarch64": 425}, 1, None),
  "keep a key in the system": lambda: called({"x86_64": 250, "aarch64": 219}, 0, -3, 0),
  "open a socket of an odd family": lambda: socket.socket(40, socket.SOCK_STREAM).close(),
  "take more than its share of time": lambda: in_fork(lambda: os.nice(-5)),
  "write in its scratch directory": lambda: write_new("."),
  "write in /tmp": lambda: write_new("/tmp"),
  "write in /dev/shm": lambda: write_new("/dev/shm"),
  "use a terminal": terminal,
  "start a program": lambda: subprocess.run(["/bin/sh", "-c", "ls /usr | grep -q bin"], check=True),
  "find its home": home,
}
found = {}
for name in W["names"]:
    try:
        PROBES[name]()
        found[name] = "yes"
    except Exception as error:
        found[name] = "no"
print(json.dumps(found))
`

const LIMITS = { memoryBytes: 300_000_000, processes: 40, openFiles: 128, fileBytes: 20_000_000 }
const LEVELS = ["L0", "L1", "L2"] as const

const canaries = { DATABASE_URL: "postgres://canary", STET_SECRET: "canary", AWS_SECRET_ACCESS_KEY: "canary" }
Object.assign(process.env, canaries)
const kernels = testKernels()
const place = mkdtempSync(join(tmpdir(), "stet-confine-"))
const isRoot = process.getuid?.() === 0
// Not in /tmp, where a kernel may read what others left for everybody.
const [open, data] = ["stet-open-", "stet-data-"].map((name) => mkdtempSync(join(isRoot ? "/var/lib" : place, name))) as [string, string]
let isolation: Isolation
let victim: ChildProcess
const servers: Server[] = []

beforeAll(async () => {
  isolation = await probeIsolation()
  chmodSync(place, 0o755)
  for (const folder of [open, data]) {
    chmodSync(folder, 0o755)
    writeFileSync(join(folder, "notes"), "for everybody", { mode: 0o644 })
  }
  victim = spawn("sleep", ["300"], { env: { ...process.env, ...canaries } })
  for (const folder of ["keys", "postgres"]) mkdirSync(join(place, "home", folder), { recursive: true, mode: 0o700 })
  chmodSync(join(place, "home"), 0o700)
  writeFileSync(join(place, "home", "keys", "master"), "canary", { mode: 0o600 })
  mkdirSync(join(place, "scratch"), { mode: 0o711 })
  await Promise.all([
    listen({ path: join(place, "home", "postgres", "s") }),
    listen({ port: 0, host: "127.0.0.1" }),
    listen({ path: `\0stet-confine-${process.pid}` }),
  ])
})

afterAll(async () => {
  await kernels.close()
  victim.kill("SIGKILL")
  for (const server of servers) server.close()
  for (const folder of [open, data, place]) rmSync(folder, { recursive: true, force: true })
})

function listen(where: { path: string } | { port: number; host: string }): Promise<void> {
  const server = createServer((socket) => socket.destroy())
  servers.push(server)
  return new Promise((resolve) => server.listen(where, resolve))
}

let count = 0

function scratchDirectory(): string {
  const scratch = join(place, "scratch", String(++count))
  mkdirSync(join(scratch, "work"), { recursive: true })
  writeFileSync(join(scratch, "work", "private"), "of this kernel", { mode: 0o600 })
  return scratch
}

type Start = { readonly level: IsolationLevel; readonly zygote?: boolean; readonly scratch?: string; readonly limits?: Partial<Confinement> }

async function withConfined(start: Start, use: (heard: Talk, scratch: string) => Promise<void>): Promise<void> {
  const scratch = start.scratch ?? scratchDirectory()
  const confine = { level: start.level, scratch, network: start.level !== "L2", ...LIMITS, ...start.limits }
  const kernel = await kernels.start("python3", { historyOff: true, zygote: start.zygote ?? false, cwd: join(scratch, "work"), confine })
  try {
    expect(kernel.confined?.level).toBe(start.level)
    await use(talk(kernel), scratch)
  } finally {
    await kernel.close({ graceMs: 0 })
  }
}

/** Every level of this machine and both ways to start there; the levels that it lacks are named in the test's own output. */
function waysHere(skip: (why: string) => void): readonly { readonly level: IsolationLevel; readonly zygote: boolean }[] {
  const levels = levelsHere(skip)
  return [false, true].flatMap((zygote) => levels.filter((level) => level !== "L0" || zygote).map((level) => ({ level, zygote })))
}

/** The levels of this machine; the others are named in the test's own output. */
function levelsHere(skip: (why: string) => void): readonly IsolationLevel[] {
  const missing = LEVELS.filter((level) => !isolation.possible.includes(level))
  if (missing.length > 0) skip(missing.map((level) => `${level} not tried: ${isolation.whyNot[level]}`).join(" "))
  return isolation.possible
}

const rows = TABLE.trim()
  .split("\n")
  .slice(1)
  .map((line) => line.trim().split(/\s{2,}/))

function expected(level: IsolationLevel): { readonly [probe: string]: string | undefined } {
  expect(isolation.systemCalls).toEqual({ filtered: true, why: "" })
  const column = LEVELS.indexOf(level)
  const held = isolation.files.restricted ? "no" : "yes"
  return Object.fromEntries(
    rows.flatMap(([name = "", ...cells]) => (cells[column] === "*" ? [] : [[name, cells[column] === "?" ? held : cells[column]]])),
  )
}

for (const level of LEVELS) {
  for (const zygote of [false, true]) {
    test(`what code can do in a kernel at ${level}, ${zygote ? "forked from a zygote" : "started cold"}, is what the table says`, async ({
      skip,
    }) => {
      if (!isolation.possible.includes(level)) return skip(isolation.whyNot[level])
      const other = scratchDirectory()
      await withConfined({ level, zygote, scratch: other }, async (neighbour) => {
        const sockets = (
          await neighbour.run(
            "from ipykernel import get_connection_file; import json; print(json.load(open(get_connection_file()))['ip'][:-2], end='')",
          )
        ).text
        await withConfined({ level, zygote, limits: { readable: [data] } }, async ({ kernel, run }, scratch) => {
          const names = Object.keys(expected(level))
          const port = (servers[1]!.address() as { port: number }).port
          const launcher = new URL("./python/launcher.py", import.meta.url).pathname
          const world = {
            names,
            home: join(place, "home"),
            public: open,
            data,
            server: victim.pid,
            other,
            sockets,
            port,
            abstract: `stet-confine-${process.pid}`,
            launcher,
            scratch,
          }
          const { text, said } = await run(`W = ${JSON.stringify(world)}\n${PROBES}`)
          expect(JSON.parse(text || JSON.stringify(said.map(({ content }) => content)))).toEqual(expected(level))
          expect(kernel.started.from).toBe(zygote && (level === "L0" || isolation.zygote.possible) ? "zygote" : "cold")
        })
      })
      expect(isAlive(victim.pid!)).toBe(true)
    })
  }
}

test("in a sandbox a program finds out who it is, where its home is, and where its host is; and nothing of the machine's people", async ({
  skip,
}) => {
  if (!isolation.possible.includes("L2")) return skip(isolation.whyNot.L2)
  for (const zygote of [false, true])
    for (const network of [false, true])
      await withConfined({ level: "L2", zygote, limits: { network } }, async ({ run }, scratch) => {
        const asked = `
import getpass, grp, json, os, pwd, socket
os.environ.pop("USER"), os.environ.pop("LOGNAME")
me = pwd.getpwuid(os.getuid())
facts = [getpass.getuser(), me.pw_dir, grp.getgrgid(os.getgid()).gr_name, socket.gethostbyname(socket.gethostname()), socket.gethostbyname("localhost")]
print(json.dumps([facts, len(pwd.getpwall()), os.access("/etc/passwd", os.W_OK)]))`
        const facts = ["stet", join(scratch, "home"), "stet", "127.0.0.1", "127.0.0.1"]
        expect(JSON.parse((await run(asked)).text)).toEqual([facts, 3, false])
      })
})

test("limits hold: processes, open files, the largest file; and the kernel goes on", async ({ annotate }) => {
  for (const level of levelsHere(annotate)) {
    await withConfined({ level, zygote: level === "L1" }, async ({ kernel, run }) => {
      const bomb = `
import os, time
children = []
try:
    while len(children) < 200:
        pid = os.fork()
        if pid == 0:
            time.sleep(60)
            os._exit(0)
        children.append(pid)
except OSError: pass
print(len(children))
for pid in children: os.kill(pid, 9), os.waitpid(pid, 0)`
      const forked = Number((await run(bomb)).text)
      // At L0 of an ordinary user nothing counts the kernel's processes apart from those of the server.
      if (kernel.confined?.processesBy !== "nobody") expect(forked, level).toBeLessThanOrEqual(LIMITS.processes)
      const files = `
opened = []
try:
    while len(opened) < 500: opened.append(open("/dev/null"))
except OSError: pass
print(len(opened))
for f in opened: f.close()
try:
    with open("big", "wb") as f: f.write(b"x" * 30_000_000)
except OSError as error: print(error.errno)
print(os.path.getsize("big"))`
      const [opened, errno, size] = (await run(files)).text.trim().split("\n").map(Number)
      expect(opened, level).toBeLessThan(LIMITS.openFiles)
      expect([errno, size], level).toEqual([27, LIMITS.fileBytes])
      expect((await run("print('alive')")).text).toBe("alive\n")
    })
  }
})

test("a kernel that takes too much memory ends as out of memory, with its peak and limit, where a control group counts", async ({
  annotate,
  skip,
}) => {
  if (isolation.limitsBy.who !== "cgroup") return skip(isolation.limitsBy.why)
  for (const { level, zygote } of waysHere(annotate)) {
    await withConfined({ level, zygote }, async ({ kernel, until }) => {
      kernel.execute({ code: "hoard = [bytearray(b'x' * 10_000_000) for _ in range(100)]" })
      const exit = await until((event) => (event.type === "died" ? event.exit : undefined))
      expect(exit, `${level} ${zygote}`).toMatchObject({ signal: "SIGKILL", outOfMemory: true, memory: { limitBytes: LIMITS.memoryBytes } })
      expect(exit.memory?.peakBytes).toBeGreaterThan(0.9 * LIMITS.memoryBytes)
    })
  }
})

test("without control groups a cell that takes too much memory raises MemoryError", async () => {
  const level = isolation.possible.includes("L1") ? "L1" : "L0"
  // The same limit as where no group can be written: set on the process by the command itself.
  const code = `
import resource
resource.setrlimit(resource.RLIMIT_DATA, (${LIMITS.memoryBytes}, ${LIMITS.memoryBytes}))
hoard = [bytearray(b'x' * 10_000_000) for _ in range(100)]`
  const { memoryBytes: _, ...limits } = LIMITS
  await withConfined({ level, limits: isolation.limitsBy.who === "cgroup" ? { memoryBytes: 2_000_000_000 } : limits }, async ({ run }) => {
    expect((await run(code)).reply.content["ename"]).toBe("MemoryError")
    expect((await run("print('alive')")).text).toBe("alive\n")
  })
})

test("a kernel of half a processor gets half of one, however many processes burn, where a control group bounds it", async ({ annotate, skip }) => {
  if (isolation.processorBy.who !== "cgroup") return skip(isolation.processorBy.why)
  // A second of processor time by two processes at once: on a machine that has other things to do it takes longer, never shorter.
  const burn = `
import subprocess, sys, time
each = "import time\\nwhile time.process_time() < 0.5: pass"
began = time.monotonic()
for child in [subprocess.Popen([sys.executable, "-c", each]) for _ in range(2)]: child.wait()
print(time.monotonic() - began)`
  for (const { level, zygote } of waysHere(annotate)) {
    await withConfined({ level, zygote, limits: { cpus: 0.5 } }, async ({ run }) => {
      // What is left of the first tenth of a second may be used at once.
      expect(Number((await run(burn)).text), `${level} ${zygote}`).toBeGreaterThan(1.7)
    })
  }
})

test("a process that has used its processor time is ended", async () => {
  const level = isolation.possible.includes("L1") ? "L1" : "L0"
  await withConfined({ level, limits: { cpuSeconds: 4 } }, async ({ kernel, until }) => {
    kernel.execute({ code: "while True: pass" })
    const exit = await until((event) => (event.type === "died" ? event.exit : undefined))
    expect(exit).toMatchObject({ signal: expect.stringMatching(/^SIG(KILL|XCPU)$/), outOfMemory: false })
  })
})

const HIDE = `
import ctypes, os, subprocess
open("/dev/shm/stet-left", "w").write("x"), open("/tmp/stet-left", "w").write("x")
print(ctypes.CDLL(None).shmget(0, 4096, 0o1600))
subprocess.Popen(["setsid", "sh", "-c", "setsid sleep 300 & sleep 300; : stet-leftover"])
print(os.getuid())`

test("nothing is left after the end: processes that left their session, shared memory, files in /tmp", async ({ annotate }) => {
  for (const { level, zygote } of waysHere(annotate)) {
    if (level === "L0") continue
    let uid = 0
    await withConfined({ level, zygote }, async ({ run, kernel }) => {
      const [segment, user] = (await run(HIDE)).text.trim().split("\n").map(Number)
      uid = user!
      expect(segment).toBeGreaterThanOrEqual(0)
      expect(uid).toBe(kernel.confined?.uid)
      await expect.poll(() => leftovers().length, { message: "the daemon runs" }).toBeGreaterThan(0)
    })
    expect(leftovers()).toEqual([])
    expect([existsSync("/dev/shm/stet-left"), existsSync("/tmp/stet-left")]).toEqual([false, false])
    if (isRoot) expect([hasProcesses(uid), segmentsOf(uid)]).toEqual([false, 0])
  }
  expect(groups()).toEqual([])
})

test("all that a user runs is killed at one blow, without a control group's help", async ({ skip }) => {
  if (!isRoot) return skip("only root has users to lend")
  const uid = 57_999
  for (const program of ["setsid sleep 300", "sleep 300 & sleep 300"])
    spawn("/bin/sh", ["-c", program], { uid, gid: uid, stdio: "ignore", detached: true })
  await expect.poll(() => hasProcesses(uid)).toBe(true)
  const began = performance.now()
  await killAllOf(uid)
  expect([hasProcesses(uid), performance.now() - began < 1000]).toEqual([false, true])
})

function leftovers(): readonly string[] {
  return readdirSync("/proc").filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, "utf8").includes("stet-leftover")
    } catch {
      return false
    }
  })
}

function segmentsOf(uid: number): number {
  const lines = readFileSync("/proc/sysvipc/shm", "utf8").trim().split("\n").slice(1)
  return lines.filter((line) => line.trim().split(/\s+/)[7] === String(uid)).length
}

function groups(): readonly string[] {
  const found = spawnSync("find", ["/sys/fs/cgroup", "-name", `stet-${process.pid}-*`], { encoding: "utf8" })
  return found.stdout.split("\n").filter(Boolean)
}

test("a kernel is interrupted and asked to leave at every level, and how it ended is told truly", async ({ annotate }) => {
  for (const { level, zygote } of waysHere(annotate)) {
    await withConfined({ level, zygote }, async ({ kernel, answer, until, run }) => {
      const id = kernel.execute({ code: "print('busy', flush=True)\nimport time\ntime.sleep(60)" })
      await until((event) => (event.type === "said" && event.message.header.msg_type === "stream" ? true : undefined))
      await kernel.interrupt()
      expect((await answer(id)).reply.content["ename"], `${level} ${zygote}`).toBe("KeyboardInterrupt")
      expect((await run("print('alive')")).text).toBe("alive\n")
      kernel.execute({ code: "import os; os._exit(7)" })
      expect(await until((event) => (event.type === "died" ? event.exit : undefined))).toMatchObject({ code: 7, signal: null, outOfMemory: false })
    })
  }
})

test("when the owner is killed nothing of a confined kernel remains", async ({ annotate }) => {
  for (const level of levelsHere(annotate)) {
    // There only the group ends, as for a kernel that nobody confined.
    if (level === "L0") continue
    const scratch = scratchDirectory()
    const confine = { level, scratch, network: true, ...LIMITS }
    const script = `import { localKernels } from "#kernel/adapters/local.ts"
const kernels = localKernels(${JSON.stringify({ runtimeDir: join(place, "owner"), managedPython: process.env["STET_TEST_PYTHON"] })})
const kernel = await kernels.start("python3", { zygote: ${level === "L1"}, cwd: ${JSON.stringify(scratch)}, confine: ${JSON.stringify(confine)} })
kernel.listen((event) => event.type === "said" && event.message.header.msg_type === "execute_reply" && console.log(kernel.confined.uid))
kernel.execute({ code: ${JSON.stringify(HIDE)} })`
    const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", script], { stdio: ["ignore", "pipe", "inherit"] })
    const uid = Number(await new Promise<string>((resolve) => child.stdout.once("data", (bytes) => resolve(String(bytes)))))
    await expect.poll(() => leftovers().length).toBeGreaterThan(0)
    child.kill("SIGKILL")
    await expect.poll(leftovers, { timeout: 5000 }).toEqual([])
    if (isRoot) await expect.poll(() => [hasProcesses(uid), segmentsOf(uid)], { timeout: 5000 }).toEqual([false, 0])
    await expect.poll(() => existsSync("/dev/shm/stet-left"), { timeout: 5000 }).toBe(false)
  }
})

test("the environment's interpreter may lie where the kernel's user cannot go, and the home around it stays out of sight", async ({ skip }) => {
  if (!isRoot || !isolation.possible.includes("L1")) return skip(isolation.whyNot.L1 ?? "")
  const closed = join(place, "closed")
  mkdirSync(join(closed, "stet", "scratch", "1"), { recursive: true, mode: 0o700 })
  writeFileSync(join(closed, "secret"), "canary")
  for (const level of ["L1", "L2"] as const) {
    if (!isolation.possible.includes(level)) continue
    for (const zygote of [false, true]) {
      await withConfined({ level, zygote, scratch: mkScratch(join(closed, "stet", "scratch", `${level}${zygote}`)) }, async ({ run }, scratch) => {
        expect(
          (
            await run(
              `import os; print(os.getcwd()); print(os.listdir(${JSON.stringify(closed)}), os.path.exists(${JSON.stringify(join(closed, "secret"))}))`,
            )
          ).text,
        ).toBe(`${join(scratch, "work")}\n['stet'] False\n`)
      })
    }
  }
})

test("a zygote serves all kernels of one root, whatever their directories are called; one that was killed is replaced", async ({ skip }) => {
  const level = isolation.zygote.possible && isRoot ? "L1" : "L0"
  if (!isolation.possible.includes(level)) return skip(isolation.whyNot[level])
  const root = join(place, "walled", "scratch")
  mkdirSync(root, { recursive: true, mode: 0o700 })
  chmodSync(join(place, "walled"), 0o700)
  chmodSync(root, 0o711)
  const parents = new Set<string>()
  for (let run = 0; run < 4; run++) {
    mkdirSync(join(root, `run-${run}`), { mode: 0o711 })
    const scratch = mkScratch(join(root, `run-${run}`, "kernel"))
    await withConfined({ level, zygote: true, scratch, limits: { scratchRoot: root } }, async ({ kernel, run: execute }) => {
      expect(kernel.started.from).toBe("zygote")
      parents.add((await execute("import os; print(os.getppid())")).text.trim())
    })
    if (run !== 2) continue
    const zygote = Number([...parents][0])
    process.kill(zygote, "SIGKILL")
    await expect.poll(() => isAlive(zygote)).toBe(false)
    await new Promise((then) => setTimeout(then, 50))
  }
  expect(parents.size).toBe(2)
})

function mkScratch(path: string): string {
  mkdirSync(join(path, "work"), { recursive: true, mode: 0o700 })
  return path
}

test("kernels of other languages are confined alike", async () => {
  const says: { readonly [name: string]: string } = { bash: "id -u", ir: "cat(system('id -u', intern = TRUE))", deno: "console.log(Deno.uid())" }
  const tried: string[] = []
  for (const { name } of await kernels.list()) {
    const code = says[name]
    if (code === undefined) continue
    for (const level of isolation.possible) {
      // A kernel that speaks over TCP cannot be reached in a network of its own.
      const network = level !== "L2" || name === "deno"
      const scratch = scratchDirectory()
      const kernel = await kernels.start(name, {
        cwd: join(scratch, "work"),
        confine: { level, scratch, network, ...LIMITS, memoryBytes: 4_000_000_000, openFiles: 1024 },
      })
      expect((await talk(kernel).run(code)).text.trim(), `${name} ${level}`).toBe(String(kernel.confined?.uid))
      await kernel.close({ graceMs: 0 })
      tried.push(name)
    }
  }
  if (tried.includes("deno") && isolation.possible.includes("L2")) {
    const confine = { level: "L2", scratch: scratchDirectory(), network: false } as const
    await expect(kernels.start("deno", { confine })).rejects.toMatchObject({ code: "isolation_unavailable", message: expect.stringMatching(/TCP/) })
  }
}, 40_000)

test("a level or a wish that cannot be had is refused with what would help", async () => {
  const scratch = scratchDirectory()
  const start = (confine: Confinement) => kernels.start("python3", { confine })
  await expect(start({ level: "L0", scratch, network: false })).rejects.toMatchObject({
    code: "isolation_unavailable",
    message: expect.stringMatching(/L2/),
  })
  for (const level of LEVELS) {
    const chosen = chooseIsolation(level, isolation)
    expect(chosen.ok, level).toBe(isolation.possible.includes(level))
    if (!chosen.ok) {
      expect(chosen.refusal.message).toContain(isolation.whyNot[level])
      await expect(start({ level, scratch, network: true })).rejects.toMatchObject({ code: "isolation_unavailable" })
    }
  }
  expect(chooseIsolation("auto", isolation)).toEqual({ ok: true, value: isolation.best })
})
