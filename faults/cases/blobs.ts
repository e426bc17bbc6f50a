/** What lies on the disk changes by itself. */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { ApiProblem } from "../../src/api/client.ts"
import { blobPath } from "../facts.ts"
import { notebookBytes, put } from "../notebooks.ts"
import type { Stand } from "../stand.ts"
import { type Case, ended, holds, launched, settled, sure, type Trial } from "../trial.ts"

export const BLOBS: readonly Case[] = [
  { name: "a blob that changed or is gone, under a version and under a result: refused with its name, and scrub and doctor say so", run: rot },
]

/** So large that what it prints and what it is are blobs of their own. */
const WIDE = `print("x" * 200_000) # ${"long ".repeat(40_000)}`

async function rot({ chance, stand: begin, tell }: Trial): Promise<void> {
  const stand = await begin()
  const client = stand.client()
  const bytes = notebookBytes("python3", [WIDE, random(chance.next)])
  const notebook = await put(client, "rot.ipynb", bytes)
  const ids = await launched(client, 1, { notebook })
  sure((await ended(stand, ids, 90_000))[0] === "succeeded", "it runs")
  holds(await settled(stand, [notebook]))
  const { db } = stand.database
  const version = await db
    .selectFrom("version")
    .select(["number", "sha256", "stored_sha256"])
    .where("notebook_id", "=", notebook)
    .executeTakeFirstOrThrow()
  const attempt = await db
    .selectFrom("attempt")
    .select("result_sha256")
    .where("run_id", "=", ids[0] ?? "")
    .executeTakeFirstOrThrow()
  sure(version.stored_sha256 !== null, "the version is a blob")
  const readVersion = () => client.call("getVersionContent", { params: { notebook, version: version.number } })
  const readResult = () => client.call("getResult", { params: { run: ids[0] ?? "" } })
  const [asked, again] = [
    { sha256: version.stored_sha256 ?? "", read: readVersion, what: "version" },
    { sha256: attempt.result_sha256 ?? "", read: readResult, what: "result" },
  ]
  for (const { sha256, read, what } of [asked, again]) {
    for (const [how, harm] of Object.entries(HARMS)) {
      const path = blobPath(stand, sha256)
      const undo = harm(path, chance.next)
      try {
        const said = await refusal(read)
        tell(`${what} ${how}: ${said}`)
        sure(/is (damaged|missing)/.test(said), `the refusal says the cause: ${said}`)
        sure(stand.log("server").includes(`The blob ${sha256}`), "the log names the blob")
        const scrubbed = await commandOf(stand, "scrub")
        sure(scrubbed.code !== 0 && scrubbed.said.includes(sha256), `scrub says so: ${scrubbed.code} ${scrubbed.said}`)
        if (what === "version") {
          const looked = await commandOf(stand, "doctor", "--deep")
          sure(/damaged/.test(looked.said) && looked.said.includes(notebook), `doctor says so: ${looked.said}`)
        }
      } finally {
        undo()
      }
    }
  }
  holds(await settled(stand, [notebook]))
}

/** Each gives the way back. */
const HARMS: Readonly<Record<string, (path: string, chance: () => number) => () => void>> = {
  "with one bit flipped": (path, chance) => {
    const before = readFileSync(path)
    const after = Buffer.from(before)
    const place = Math.floor(chance() * after.length)
    after[place] = (after[place] ?? 0) ^ (1 << Math.floor(chance() * 8))
    writeFileSync(path, after)
    return () => writeFileSync(path, before)
  },
  "cut short": (path) => {
    const before = readFileSync(path)
    writeFileSync(path, before.subarray(0, before.length - 1))
    return () => writeFileSync(path, before)
  },
  gone: (path) => {
    renameSync(path, `${path}.away`)
    return () => {
      rmSync(path, { force: true })
      renameSync(`${path}.away`, path)
    }
  },
}

async function refusal(read: () => Promise<unknown>): Promise<string> {
  try {
    await read()
  } catch (error) {
    if (error instanceof ApiProblem) return `${error.status} ${error.message}`
    return String(error)
  }
  throw new Error("what is damaged was given away as if it were whole")
}

async function commandOf(stand: Stand, ...words: readonly string[]): Promise<{ readonly code: number | null; readonly said: string }> {
  const { execFile } = await import("node:child_process")
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ["bin/stet.js", ...words], { cwd: `${import.meta.dirname}/../..`, env: stand.env }, (_, out, err) =>
      resolve({ code: child.exitCode, said: `${out}${err}` }),
    )
  })
}

/** Text that no packing makes small. */
function random(chance: () => number): string {
  return `# ${Array.from({ length: 150_000 }, () => Math.floor(chance() * 36).toString(36)).join("")}`
}
