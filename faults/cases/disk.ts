/** The disk is full: of the spool, of the blobs, of everything. Needs root, who may mount a small file system. */
import { execFileSync } from "node:child_process"
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ApiProblem } from "../../src/api/client.ts"
import { counted, counting, notebookBytes, put } from "../notebooks.ts"
import { type Stand, until } from "../stand.ts"
import { type Case, ended, holds, launched, printing, putCells, settled, sure, type Trial } from "../trial.ts"

export const DISK: readonly Case[] = [
  {
    name: "the disk of the spools is full: the run ends with that as its cause, and the next one runs when there is room",
    mounts: true,
    afterwards: unmountAll,
    run: spoolFull,
  },
  {
    name: "the disk of the blobs is full: saving is refused and nothing is half-written, and all works when there is room",
    mounts: true,
    afterwards: unmountAll,
    run: blobsFull,
  },
  {
    name: "the disk of the whole home is full: changes are refused, reading goes on, and all works when there is room",
    mounts: true,
    afterwards: unmountAll,
    run: homeFull,
  },
]

const SMALL = { cells: 2, lines: 20, pauseMs: 2 }

async function spoolFull(trial: Trial): Promise<void> {
  await withMount({ inHome: "spool", megabytes: 4 }, async ({ home, place }) => {
    const stand = await trial.stand({ home })
    const notebook = await putCells(stand, "spool.ipynb", "python3", ['for i in range(200_000): print(i, "x" * 90)'])
    const small = await putCells(stand, "small.ipynb", "python3", counting(SMALL))
    const client = stand.client()
    const ids = await launched(client, 1, { notebook })
    await ended(stand, ids, 90_000)
    const run = await client.call("getRun", { params: { run: ids[0] ?? "" } })
    trial.tell(`${run.state} ${run.reason}: ${run.explanation}`)
    sure(run.state === "failed" && run.reason === "storage_failed", "the run says that it could not be stored")
    sure(/full|space|room/i.test(run.explanation), run.explanation)
    const fill = filled(place)
    const refused = await launched(client, 1, { notebook: small })
    await ended(stand, refused, 60_000)
    const second = await client.call("getRun", { params: { run: refused[0] ?? "" } })
    trial.tell(`${second.state} ${second.reason}: ${second.explanation}`)
    sure(second.state === "failed" && second.reason === "storage_failed", "so does one that could not even begin")
    fill.free()
    await worksAgain(stand, small)
    holds(await settled(stand, [small]))
  })
}

async function blobsFull(trial: Trial): Promise<void> {
  await withMount({ inHome: "store", megabytes: 6 }, async ({ home, place }) => {
    const stand = await trial.stand({ home })
    const client = stand.client()
    const notebook = await putCells(stand, "small.ipynb", "python3", counting(SMALL))
    const fill = filled(place)
    const large = notebookBytes("python3", [`# ${Array.from({ length: 400_000 }, () => trial.chance.between(0, 9)).join("")}`])
    const said = await put(client, "large.ipynb", large).catch((error: unknown) => error)
    sure(said instanceof ApiProblem && said.status === 507, `refused with 507: ${String(said)}`)
    trial.tell(String(said))
    const { items } = await client.call("listNotebooks", { query: { space: "faults" } })
    sure(items.length === 1, "no half-written notebook")
    const ids = await launched(client, 1, { notebook })
    // Patiently: it may still become possible.
    await until("it is tried", async () => (await client.call("getRun", { params: { run: ids[0] ?? "" } })).state !== "queued", 60_000)
    await printing(stand, ids)
    fill.free()
    const states = await ended(stand, ids, 90_000)
    trial.tell(`the run that met the full store: ${states.join(", ")}`)
    await put(client, "large.ipynb", large)
    await worksAgain(stand, notebook)
    holds(await settled(stand, [notebook]), { printed: counted(SMALL) })
  })
}

async function homeFull(trial: Trial): Promise<void> {
  await withMount({ inHome: "", megabytes: 700 }, async ({ home, place }) => {
    const stand = await trial.stand({ home })
    const client = stand.client()
    const notebook = await putCells(stand, "small.ipynb", "python3", counting(SMALL))
    await worksAgain(stand, notebook)
    const fill = filled(place)
    const impatient = stand.client({ patienceMs: 3_000 })
    const said = await until(
      "a launch is refused",
      async () => {
        const answer = await impatient.call("launchRun", { body: { notebook } }).catch((error: unknown) => error)
        return answer instanceof ApiProblem && answer
      },
      30_000,
    )
    trial.tell(`${said.status} ${said.message}`)
    sure([503, 507].includes(said.status), String(said))
    sure((await client.call("getNotebook", { params: { notebook } })).id === notebook, "reading goes on")
    const ready = await fetch(`${stand.url}/readyz`)
    trial.tell(`readyz ${ready.status}; livez ${(await fetch(`${stand.url}/livez`)).status}`)
    fill.free()
    await worksAgain(stand, notebook)
    const runs = await stand.database.db.selectFrom("run").select("id").where("notebook_id", "=", notebook).execute()
    await ended(
      stand,
      runs.map(({ id }) => id),
      90_000,
    )
    holds(await settled(stand, [notebook]))
  })
}

async function worksAgain(stand: Stand, notebook: string): Promise<void> {
  const client = stand.client()
  await until(
    "a run succeeds again",
    async () => {
      const ids = await launched(client, 1, { notebook }).catch(() => [])
      return ids.length > 0 && (await ended(stand, ids, 60_000)).includes("succeeded")
    },
    90_000,
  )
}

/** A home of which one folder, or all, is a small file system of its own. */
async function withMount(
  { inHome, megabytes }: { readonly inHome: string; readonly megabytes: number },
  work: (at: { readonly home: string; readonly place: string }) => Promise<void>,
): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), "stet-faults-full-"))
  const place = join(home, inHome)
  mkdirSync(place, { recursive: true, mode: 0o700 })
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m,mode=0711`, "tmpfs", place])
  try {
    await work({ home, place })
  } finally {
    mounted.push({ home, place })
  }
}

const mounted: { readonly home: string; readonly place: string }[] = []

/** After the stands are gone: what is in use cannot be unmounted. */
function unmountAll(): void {
  for (const { home, place } of mounted.splice(0)) {
    execFileSync("umount", [place])
    rmSync(home, { recursive: true, force: true })
  }
}

/** Nothing is left of the room. */
function filled(place: string): { free(): void } {
  const file = join(place, "filler")
  const fd = openSync(file, "w")
  const piece = Buffer.alloc(256 * 1024)
  for (let size = piece.length; size >= 4096; size = size / 2) {
    try {
      while (statfsSync(place).bavail > 0) writeSync(fd, piece.subarray(0, size))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error
    }
  }
  closeSync(fd)
  return { free: () => rmSync(file, { force: true }) }
}
