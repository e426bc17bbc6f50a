/**
 * Secrets end to end: given to real notebooks that print them, fail with them and hand them on in every way that happens by
 * accident; then looked for in every place there is. What a notebook writes into a file is its own, and listed.
 */
import { spawn } from "node:child_process"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { sql } from "kysely"
import { notebookBytes } from "../../faults/notebooks.ts"
import type { Attack, Tier } from "../attack.ts"
import { type Canary, canaryOf, type Leak, leaksIn, parameterCanaries, type Sink } from "../canaries.ts"
import { until } from "../platform.ts"
import { answers, backup, commands, digestOf, exported, kindOf, places, processes, tables } from "../sinks.ts"
import type { Target } from "../target.ts"

type Notebook = { readonly name: string; readonly cells: readonly string[] }

/** Everything that a value goes through by accident. */
const PRINTS = [
  "import ast, base64, html, json, logging, os, pprint, shlex, subprocess, sys, urllib.parse, warnings\nfrom IPython.display import HTML, JSON, Markdown, display",
  "for x in ALL:\n    print(x)\n    print(repr(x), [x], {'k': x}, (x,), ascii(x), f'{x!r}')\n    print('A:', x, file=sys.stderr)\n    logging.warning('with %s', x)\n    logging.warning('with %r', x)\n    warnings.warn(x)",
  "for x in ALL:\n    b = x.encode()\n    print(base64.b64encode(b).decode(), base64.urlsafe_b64encode(b).decode())\n    print(base64.b64encode(b'user:' + b).decode(), base64.b64encode(b'me:' + b + b'!').decode(), base64.b64encode(b'x' + b).decode())\n    print(b.hex(), b.hex().upper(), urllib.parse.quote(x), urllib.parse.quote(x, safe=''), urllib.parse.quote_plus(x))\n    print(json.dumps(x), json.dumps(json.dumps(x)), json.dumps({'a': x}, ensure_ascii=False), shlex.quote(x), b)",
  "for x in ALL:\n    display(HTML('<p>' + html.escape(x) + '</p><p title=\"' + html.escape(x, quote=False) + '\">'))\n    display(Markdown('**' + x + '**'), JSON({'a': x}))\n    display({'text/plain': x, 'application/json': {'deep': [x]}, 'text/html': x}, raw=True)\n    h = display(x, display_id=True)\n    h.update({'again': x})",
  "for x in ALL:\n    for line in x.splitlines(): print(line)\n    sys.stdout.write(x[:9]); sys.stdout.flush(); sys.stdout.write(x[9:]); sys.stdout.flush()\n    print(f'\\r{x}\\r', end='')\n    print('\\x1b[31m' + x + '\\x1b[0m')\n    pprint.pprint({'a': {'b': x}})\n    sys.displayhook(x)",
  "for i, x in enumerate(ALL):\n    os.environ[f'GIVEN_{i}'] = x\nprint(os.environ)\nprint(dict(os.environ))",
  "%env",
  "!env\n!ps auxewww",
  "%%bash\nenv; set; export -p; ps auxewww; cat /proc/self/environ /proc/$PPID/environ; for p in /proc/[0-9]*; do cat $p/environ $p/cmdline 2>/dev/null; done; true",
  "print(open('/proc/self/environ').read()); print(subprocess.run(['echo', ALL[0]], capture_output=True)); print(subprocess.run(['sh', '-c', 'printf %s \"$GIVEN_1\"; exit 3']))",
  "print({k: v for k, v in globals().items() if k in NAMES})",
  "with open('written.txt', 'w') as f: f.write('on purpose: ' + plain)\nlocals().get('plain')",
  "ALL",
  "dict(zip(NAMES, ALL))",
] as const

const notebooks = (canaries: readonly Canary[]): readonly Notebook[] => {
  const names = canaries.map(({ name }) => name)
  const all = `ALL = [${names.join(", ")}]\nNAMES = ${JSON.stringify(names)}`
  return [
    { name: "prints", cells: [all, ...PRINTS] },
    { name: "raises", cells: [all, "print(ALL)\nraise ValueError(*ALL)"] },
    { name: "raises-key", cells: [all, "{}[address]"] },
    {
      name: "raises-verbose",
      cells: [all, "%xmode Verbose", "def use(secret, others):\n    held = secret\n    return int(secret)\nuse(address, ALL)"],
    },
    { name: "raises-command", cells: [all, "import subprocess\nsubprocess.run(['false', *ALL], check=True)"] },
    { name: "dies", cells: [all, "import os, sys\nprint(ALL, flush=True)\nos.write(2, plain.encode())\nos.kill(os.getpid(), 9)"] },
    { name: "waits", cells: [all, "import os, time\nos.environ['GIVEN'] = plain\nprint(ALL, flush=True)\ntime.sleep(600)"] },
  ]
}

export const SECRETS: Attack = {
  name: "secrets, through every place where something can be read",
  isLast: true,
  async run(target, tier) {
    const canaries = parameterCanaries()
    const all = [...canaries, ...[...target.secrets].map(([name, value]) => canaryOf(name, value))]
    const server = await target.platform.pidOf("server")
    await mailed(target)
    const told = await lived(target, canaries)
    const planted = await plant(target)
    try {
      const runs = [...told.runs, planted.run]
      const sinks = [...told.sinks, planted.said, ...(await everything(target, runs, tier))]
      const found = leaksIn(sinks, [...all, planted.canary])
      const { leaks, allowed } = sorted(
        found.filter(({ canary }) => canary !== planted.canary.name),
        sinks,
        await onPurpose(target, runs),
      )
      const missed = missedOf(found.filter(({ canary }) => canary === planted.canary.name))
      const kinds = new Set(sinks.map(({ name }) => kindOf(name)))
      const size = Math.round(sinks.reduce((sum, { bytes }) => sum + bytes.length, 0) / 1e6)
      const holes = leaks.map(({ canary, form, sink, around }) => `${canary}, ${form}, in ${sink}: ${around}`)
      if ((await target.platform.pidOf("server")) !== server) holes.push("the server died of it")
      return {
        tried: all.length * sinks.length,
        holes: [...holes, ...told.unexpected, ...missed, ...(kinds.size < 30 ? [`only ${kinds.size} kinds of places were searched`] : [])],
        notes: [
          `${all.length} secrets in ${sinks.length} places of ${kinds.size} kinds, ${size} MB; what was planted was found in ${EXPECTED.length - missed.length} of ${EXPECTED.length} kinds`,
          ...allowed.map((what) => `on purpose: ${what}`),
        ],
      }
    } finally {
      planted.remove()
    }
  },
}

/** Whoever is told of a run by mail: the administrator, who has an address from now on. */
async function mailed({ platform }: Target): Promise<void> {
  await sql`UPDATE person SET email = 'admin@example.org' WHERE is_admin AND login IS NOT NULL`.execute(platform.database.db)
}

async function hearsBy({ wire, adminCookie }: Target, notebook: string): Promise<void> {
  const headers = { ...adminCookie, "content-type": "application/json" }
  const body = JSON.stringify({ notebook, way: "mail", hears: "all" })
  const { status, text } = await wire.ask({ method: "POST", path: "/api/v1/subscriptions", headers, body })
  if (status !== 200) throw new Error(`no mail of ${notebook}: ${status} ${text}`)
}

/** Gives what can only be seen while it happens: processes of running kernels, and what was said to those who asked wrongly. */
async function lived(
  target: Target,
  canaries: readonly Canary[],
): Promise<{ readonly runs: readonly string[]; readonly sinks: readonly Sink[]; readonly unexpected: readonly string[] }> {
  const { client, platform } = target
  const refused = await refusals(target, canaries)
  const ids = new Map<string, string>()
  for (const { name, cells } of notebooks(canaries)) {
    const saved = await client.call("createNotebook", {
      query: { space: "open", path: `secrets/${name}.ipynb` },
      body: withParameters(canaries, cells),
    })
    await hearsBy(target, saved.notebook.id)
    const parameters = Object.fromEntries(canaries.map(({ name, value }) => [name, value]))
    ids.set(name, (await client.call("launchRun", { body: { notebook: saved.notebook.id, parameters, timeoutSeconds: 300 } })).id)
  }
  const id = (name: string) => ids.get(name) ?? ""
  const isOver = async (run: string) => /succeeded|failed|cancelled|lost/.test((await client.call("getRun", { params: { run } })).state)
  for (const name of ["prints", "raises", "raises-key", "raises-verbose", "raises-command", "dies"])
    await until(`${name} is over`, () => isOver(id(name)), 120_000)
  await until("one waits", async () => (await client.call("getLog", { params: { run: id("waits") } })).text.length > 0, 60_000)
  const seen = processes(target)
  process.kill(await platform.pidOf("worker"), "SIGKILL")
  await until("it is lost", () => isOver(id("waits")), 60_000)
  await delay(1000)
  const wanted = {
    prints: "succeeded",
    raises: "failed",
    "raises-key": "failed",
    "raises-verbose": "failed",
    "raises-command": "failed",
    dies: "failed",
    waits: "lost",
  }
  const unexpected: string[] = []
  for (const [name, state] of Object.entries(wanted)) {
    const run = await client.call("getRun", { params: { run: id(name) } })
    if (run.state !== state) unexpected.push(`the notebook ${name} ended as ${run.state}: ${JSON.stringify(run).slice(0, 400)}`)
  }
  const { text } = await client.call("getLog", { params: { run: id("prints") }, query: { limitBytes: 4_194_304 } })
  if ((text.match(/•••/g) ?? []).length < 60) unexpected.push(`the notebook that prints printed no secrets: ${text.slice(0, 300)}`)
  return { runs: [...ids.values()], sinks: [...seen, ...refused], unexpected }
}

function withParameters(canaries: readonly Canary[], cells: readonly string[]): Uint8Array {
  const declared = canaries.map(({ name }) => `${name}: str = ""  # secret`).join("\n")
  const notebook = JSON.parse(new TextDecoder().decode(notebookBytes("python3", [declared, ...cells])))
  notebook.cells[0].metadata = { tags: ["parameters"] }
  return Buffer.from(JSON.stringify(notebook))
}

/** Every way to be refused, and to fail, with a secret in one's hand. */
async function refusals(target: Target, canaries: readonly Canary[]): Promise<readonly Sink[]> {
  const { client, wire, admin, adminCookie, platform, secrets, foreign } = target
  const saved = await client.call("createNotebook", {
    query: { space: "open", path: "secrets/wrong.ipynb" },
    body: withParameters(canaries, ["pin: int = 0"]),
  })
  const number = await client.call("createNotebook", { query: { space: "open", path: "secrets/number.ipynb" }, body: numbered(canaries) })
  const notebook = saved.notebook.id
  const parameters = Object.fromEntries(canaries.map(({ name, value }) => [name, value]))
  const values = canaries.map(({ value }) => value)
  const json = { "content-type": "application/json" }
  const post = (path: string, body: unknown, headers: Readonly<Record<string, string>> = admin) => ({
    method: "POST",
    path,
    headers: { ...headers, ...json },
    body: typeof body === "string" ? body : JSON.stringify(body),
  })
  const password = secrets.get("the password of editor") ?? ""
  const link = secrets.get("the invitation of editor") ?? ""
  const shots = [
    post("/api/v1/runs", { notebook, parameters, wrong: true }),
    post("/api/v1/runs", `${JSON.stringify({ notebook, parameters }).slice(0, -2)}`),
    post("/api/v1/runs", { notebook: number.notebook.id, parameters }),
    post("/api/v1/runs", { notebook: number.notebook.id, parameterTexts: parameters }),
    post("/api/v1/runs", { notebook, parameters: { ...parameters, palin: values[0] } }),
    post("/api/v1/runs", { notebook, parameters, version: 99 }),
    post("/api/v1/runs", { notebook, parameters }, foreign),
    post("/api/v1/runs", { notebook, parameters }, { ...admin, "idempotency-key": "attack" }),
    post("/api/v1/runs", { notebook, parameters: { ...parameters, plain: "another" } }, { ...admin, "idempotency-key": "attack" }),
    post("/api/v1/sign-in", { login: "editor", password: `${password}!` }, {}),
    post("/api/v1/sign-in", { login: password, password }, {}),
    post("/api/v1/sign-in", { password }, {}),
    post("/api/v1/sign-in/link", { kind: "invite", link, login: "x", name: "x", password }, {}),
    post("/api/v1/sign-in/link", { kind: "sign_in", link: secrets.get("the first sign-in link") }, {}),
    { method: "GET", path: `/sign-in?link=${secrets.get("the first sign-in link")}`, headers: { referer: `${platform.url}/sign-in?link=${link}` } },
    { method: "GET", path: `/join?link=${link}` },
    { method: "GET", path: `/api/v1/nothing?token=${platform.token}`, headers: { referer: `${platform.url}/?token=${platform.token}` } },
    { method: "GET", path: "/api/v1/session", headers: { authorization: `Bearer ${platform.token}x` } },
    { method: "GET", path: "/api/v1/session", headers: { authorization: `Basic ${platform.token}` } },
    { method: "GET", path: "/metrics", headers: { authorization: `Bearer ${secrets.get("STET_METRICS_TOKEN")}x` } },
    { method: "GET", path: "/api/v1/session", headers: { cookie: `${adminCookie["cookie"]}; ${adminCookie["cookie"]}` } },
  ]
  const said: Sink[] = []
  for (const shot of shots) {
    const answer = await problem(target, shot)
    // The pages of one-use links carry on what they were asked with.
    if (!/^problem GET \/(sign-in|join) 200/.test(answer.name)) said.push(answer)
  }
  // A table that is not there: whatever fails, fails now.
  const { db } = platform.database
  for (const table of ["run", "web_session", "api_token", "person"]) {
    await sql`ALTER TABLE ${sql.table(table)} RENAME TO away`.execute(db)
    try {
      for (const shot of [
        shots[6],
        shots[7],
        shots[9],
        shots[12],
        { method: "GET", path: `/runs?token=${platform.token}`, headers: adminCookie },
        post("/api/v1/runs", { notebook, parameters }),
      ])
        if (shot) said.push(await problem(target, shot, wire))
    } finally {
      await sql`ALTER TABLE away RENAME TO ${sql.id(table)}`.execute(db)
    }
  }
  const failed = said.filter(({ name }) => / 5\d\d$/.test(name)).length
  if (failed < 4) throw new Error(`only ${failed} requests failed that should: ${said.map(({ name }) => name).join(", ")}`)
  return said
}

function numbered(canaries: readonly Canary[]): Uint8Array {
  const declared = canaries.map(({ name }) => `${name}: int = 1  # secret`).join("\n")
  const notebook = JSON.parse(new TextDecoder().decode(notebookBytes("python3", [declared, "1"])))
  notebook.cells[0].metadata = { tags: ["parameters"] }
  return Buffer.from(JSON.stringify(notebook))
}

async function problem({ wire }: Target, shot: Parameters<Target["wire"]["ask"]>[0], by = wire): Promise<Sink> {
  const { status, text, headers } = await by.ask(shot)
  return {
    name: `problem ${shot.method} ${shot.path.split("?")[0]} ${status}`,
    bytes: Buffer.from(text + JSON.stringify({ ...headers, "set-cookie": "" })),
  }
}

async function everything(target: Target, runs: readonly string[], tier: Tier): Promise<readonly Sink[]> {
  await until("a letter of every run has come", () => target.mail.letters.length >= runs.length, 60_000)
  const asked = await Promise.all([answers(target, runs), tables(target), commands(target, runs), backup(target), exported(target)])
  const letters = target.mail.letters.map((text, n) => ({ name: `mail (${n})`, bytes: Buffer.from(text) }))
  return [...asked.flat(), ...letters, ...processes(target), ...places(target, tier)]
}

/** Digests of the files that notebooks wrote themselves. */
async function onPurpose({ client, wire, admin }: Target, runs: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (const run of runs)
    for (const { path } of (await client.call("listArtifacts", { params: { run } })).items) {
      const { bytes } = await wire.ask({
        method: "GET",
        path: `/api/v1/runs/${run}/artifacts/content?path=${encodeURIComponent(path)}`,
        headers: admin,
      })
      found.set(digestOf(bytes), path)
    }
  return found
}

/** Files that are there to keep a secret, each for its owner alone. */
const KEPT: readonly (readonly [string, string])[] = [
  ["home/run/token", "the local token"],
  ["home/run/start.json", "the database's password"],
  ["what stet start says", "the first sign-in link"],
]

function sorted(
  leaks: readonly Leak[],
  sinks: readonly Sink[],
  written: ReadonlyMap<string, string>,
): { readonly leaks: readonly Leak[]; readonly allowed: readonly string[] } {
  const bytesOf = new Map(sinks.map(({ name, bytes }) => [name, bytes]))
  const allowed: string[] = []
  const left = leaks.filter(({ sink, canary }) => {
    const isKept = KEPT.some(([where, what]) => where === sink && what === canary)
    const file = /^(home|backup)\//.test(sink) ? written.get(digestOf(bytesOf.get(sink) ?? new Uint8Array())) : undefined
    if (isKept) allowed.push(`${canary} in ${sink}`)
    if (file !== undefined) allowed.push(`${canary} in ${file}, which a notebook wrote: ${sink.split("/")[0]}`)
    return !isKept && file === undefined
  })
  return { leaks: left, allowed: [...new Set(allowed)] }
}

type Planted = { readonly canary: Canary; readonly run: string; readonly said: Sink; readonly remove: () => void }

/** A secret that nobody blots out, told to every place on its way in: the same search must find it there. */
async function plant(target: Target): Promise<Planted> {
  const canary = canaryOf("planted", `c4n4ry-${crypto.randomUUID().replaceAll("-", "")}`)
  const { client, platform, wire, admin } = target
  const { value } = canary
  const cells = [
    `print("${value}")`,
    `open("f-${value}.txt", "w").write("x")`,
    `from IPython.display import HTML, display\ndisplay(HTML("<b>${value}</b>"))\nraise ValueError("${value}")`,
  ]
  const saved = await client.call("createNotebook", {
    query: { space: "open", path: `planted ${value}.ipynb` },
    body: notebookBytes("python3", cells),
  })
  await hearsBy(target, saved.notebook.id)
  const { id } = await client.call("launchRun", { body: { notebook: saved.notebook.id, labels: { planted: value } } })
  await until("it is over", async () => /failed/.test((await client.call("getRun", { params: { run: id } })).state), 60_000)
  await wire.ask({ method: "GET", path: `/api/v1/${value}`, headers: admin })
  const said = await problem(target, {
    method: "POST",
    path: "/api/v1/import/url",
    headers: { ...admin, "content-type": "application/json" },
    body: JSON.stringify({ space: "open", url: `nothing://${value}` }),
  })
  // Longer than the search takes on a machine that has other things to do: processes are looked at last.
  const child = spawn("sleep", ["1800"], {
    argv0: `connection_file ${platform.home} ${value}`,
    env: { ...process.env, STET_HOME: platform.home, KEPT: value },
  })
  const aside = ["spool", "scratch", "audit", "keys", "logs"].map((folder) => `${platform.home}/${folder}/planted`)
  for (const file of aside) mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  for (const file of aside) writeFileSync(file, Buffer.from(value).toString("base64"))
  const remove = () => {
    child.kill()
    for (const file of aside) rmSync(file, { force: true })
  }
  return { canary, run: id, said, remove }
}

function missedOf(found: readonly Leak[]): readonly string[] {
  return EXPECTED.filter((where) => !found.some(({ sink }) => where.test(sink))).map(
    ({ source }) => `the search did not find what was planted in ${source}`,
  )
}

const EXPECTED = [
  /^problem POST/,
  /^GET \/api\/v1\/runs\/\{id\} /,
  /\/events /,
  /\/log\?/,
  /\/artifacts /,
  /\/attempts /,
  /\/result /,
  /\/result\.html /,
  /\/cells\/0/,
  /\/outputs /,
  /^GET \/api\/v1\/notebooks\/\{id\} /,
  /^GET \/api\/v1\/notebooks\/\{id\}\/content /,
  /^GET \/api\/v1\/notebooks\/\{id\}\/versions\/1\/content /,
  /^GET \/notebooks\/\{id\}\/versions\/1\/page /,
  /^GET \/api\/v1\/spaces\/open\/items /,
  /^GET \/api\/v1\/search/,
  /^GET \/api\/v1\/runs\?/,
  /^GET \/api\/v1\/notebooks /,
  /^table public\.run$/,
  /^table public\.run_event$/,
  /^table public\.notebook$/,
  /^arguments of/,
  /^environment of the kernel/,
  /^stet log/,
  /^stet runs/,
  /^backup\/.*(run|notebook)/,
  /^backup\/.*blobs\/.*unpacked$/,
  /^home\/(blobs|store)\/.*unpacked$/,
  /^home\/logs\/server\.log$/,
  /^home\/logs\/planted$/,
  /^home\/spool\//,
  /^home\/scratch\//,
  /^home\/audit\//,
  /^home\/keys\//,
  /^mail /,
  /^export\//,
] as const
