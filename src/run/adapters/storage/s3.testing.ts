/** A real S3 server for tests, on a directory of its own. */
import { spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { type AddressInfo, connect, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"

export type BuiltS3 = {
  /** Undefined when there is none. */
  readonly program: string | undefined
  /** Where Go is missing it cannot be built: seen as skipped on a desk, as a failure in CI. */
  readonly goIsMissing: boolean
  /** What building it complained of. */
  readonly complaint: string
}

/** Building takes minutes, once: waited for without blocking, or the test runner takes this process for hung. */
export function builtS3(): Promise<BuiltS3> {
  const script = spawn(process.execPath, [new URL("../../../../scripts/setup/s3.mjs", import.meta.url).pathname])
  const said = { stdout: "", stderr: "" }
  script.stdout.on("data", (bytes) => (said.stdout += bytes))
  script.stderr.on("data", (bytes) => (said.stderr += bytes))
  return new Promise((done) => {
    script.on("close", (status) => {
      const complaint = said.stderr.trim().replace(/^building .*$/m, "")
      done({ program: status === 0 ? said.stdout.trim() : undefined, goIsMissing: status === 3, complaint })
    })
  })
}

export type RunningS3 = {
  readonly endpoint: string
  readonly user: "stet"
  readonly secret: "stet-secret"
  readonly folder: string
  close(): Promise<void>
}

/** `folder` is for whoever tests, and is gone when this is closed. */
export async function startS3(program: string): Promise<RunningS3> {
  const folder = mkdtempSync(join(tmpdir(), "stet-s3-"))
  // Attributes beside the files: not every temporary directory takes extended ones.
  const [data, sidecar] = ["data", "sidecar"].map((name) => join(folder, name)) as [string, string]
  for (const made of [data, sidecar]) mkdirSync(made)
  const port = await freePort()
  const [user, secret] = ["stet", "stet-secret"] as const
  const options = ["--port", `127.0.0.1:${port}`, "--access", user, "--secret", secret]
  const server = spawn(program, [...options, "posix", "--sidecar", sidecar, data], { stdio: "ignore" })
  await answering(port)
  return {
    endpoint: `http://127.0.0.1:${port}`,
    user,
    secret,
    folder,
    async close() {
      const ended = new Promise((done) => server.once("exit", done))
      server.kill()
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((done) => probe.listen(0, "127.0.0.1", done))
  const { port } = probe.address() as AddressInfo
  await new Promise((done) => probe.close(done))
  return port
}

async function answering(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const reached = await new Promise((done) => {
      const socket = connect(port, "127.0.0.1", () => done(true)).on("error", () => done(false))
      socket.unref().on("connect", () => socket.destroy())
    })
    if (reached) return
    await new Promise((done) => setTimeout(done, 50))
  }
  throw new Error("the S3 server does not answer")
}
