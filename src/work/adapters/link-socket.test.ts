import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { processStat } from "#base/adapters/process.ts"
import { listenLocally } from "#work/adapters/link-socket.ts"

test("a worker takes away the sockets of those that died, also of one that nobody reaped, and leaves those of the living", async () => {
  const folder = mkdtempSync(join(tmpdir(), "stet-link-"))
  const parent = spawn("sh", ["-c", "sleep 0 & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "inherit"] })
  try {
    const [said] = (await once(parent.stdout!, "data")) as [Buffer]
    const unreaped = Number(said.toString())
    await expect.poll(() => processStat(unreaped)[0]).toBe("Z")
    for (const pid of [unreaped, 99_999_999, parent.pid]) writeFileSync(join(folder, `worker-${pid}.sock`), "")
    const { close } = await listenLocally(folder, () => undefined)
    expect(readdirSync(folder).sort()).toEqual([`worker-${parent.pid}.sock`, `worker-${process.pid}.sock`].sort())
    await close()
  } finally {
    parent.kill("SIGKILL")
    rmSync(folder, { recursive: true, force: true })
  }
})
