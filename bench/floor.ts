/**
 * The floor under every runner: the simplest client that gets the work done on the same kernel command. It keeps nothing,
 * checks no signature, saves nothing, syncs nothing; it only sees every request through to its reply and its idle.
 *
 * node bench/floor.ts [--first-to FILE] NOTEBOOK…   (several run at once; the kernelspec is $JUPYTER_PATH/kernels/python3)
 */
import { spawn } from "node:child_process"
import { createHmac, createSecretKey, type KeyObject, randomUUID } from "node:crypto"
import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { parseArgs } from "node:util"
import { Dealer, Subscriber } from "zeromq"

// The next request waits inside the kernel while one runs: a window of two keeps it busy as well as 500 would.
const IN_FLIGHT = 2

const { values, positionals } = parseArgs({ allowPositionals: true, options: { "first-to": { type: "string" } } })
await Promise.all(positionals.map((path) => run(path)))

async function run(path: string): Promise<void> {
  const { cells } = JSON.parse(readFileSync(path, "utf8")) as { cells: { source: string | string[] }[] }
  const kernel = launch()
  const client = connect(kernel)
  await client.ready()
  const waiting = cells.map((cell) => [cell.source].flat().join(""))
  const worker = async () => {
    for (let code = waiting.shift(); code !== undefined; code = waiting.shift()) await client.execute(code)
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker))
  await client.close()
  rmSync(kernel.directory, { recursive: true })
}

type Launched = ReturnType<typeof launch>

function launch() {
  const directory = mkdtempSync(join(tmpdir(), "floor-"))
  const spec = JSON.parse(readFileSync(join(process.env["JUPYTER_PATH"]!, "kernels/python3/kernel.json"), "utf8")) as { argv: string[] }
  const file = join(directory, "k.json")
  const key = randomUUID()
  const ports = { shell_port: 1, iopub_port: 2, stdin_port: 3, control_port: 4, hb_port: 5 }
  writeFileSync(file, JSON.stringify({ ...ports, transport: "ipc", ip: join(directory, "s"), key, signature_scheme: "hmac-sha256" }))
  const [command, ...rest] = spec.argv.map((word) => word.replace("{connection_file}", file))
  const child = spawn(command!, rest, { stdio: "ignore", detached: true })
  return { directory, child, key: createSecretKey(Buffer.from(key)) }
}

function connect({ directory, child, key }: Launched) {
  // zeromq waits 100 ms between attempts unless told otherwise, and the kernel is not yet there at the first one.
  const options = { reconnectInterval: 5, receiveHighWaterMark: 0, linger: 0 }
  const address = (port: number) => `ipc://${join(directory, "s")}-${port}`
  const shell = new Dealer(options)
  const control = new Dealer(options)
  const iopub = new Subscriber(options)
  shell.connect(address(1))
  iopub.connect(address(2))
  control.connect(address(4))
  iopub.subscribe("")
  const open = new Map<string, () => void>()
  const until = (what: string) => new Promise<void>((resolve) => open.set(what, resolve))
  const tell = (what: string) => {
    open.get(what)?.()
    open.delete(what)
  }
  const ask = (socket: Dealer, type: string, content: object) => {
    const id = randomUUID()
    const replied = until(`reply ${id}`)
    return { replied, over: Promise.all([replied, until(`idle ${id}`)]), sent: socket.send(message(key, type, id, content)) }
  }
  listen(shell, iopub, tell)
  return {
    // A reply without an idle means that the subscription has not yet reached the kernel: ask again.
    ready: async () => {
      for (let heard = false; !heard; ) {
        const { replied, over } = ask(shell, "kernel_info_request", {})
        await replied
        heard = await Promise.race([over.then(() => true), setTimeout(10, false)])
      }
    },
    execute: async (code: string) => {
      const request = { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false, stop_on_error: true }
      await ask(shell, "execute_request", request).over
    },
    close: async () => {
      const gone = once(child, "exit")
      await ask(control, "shutdown_request", { restart: false }).sent
      // ipykernel 7 sometimes never gets out of its own shutdown; every runner needs an end to its patience.
      await Promise.race([gone, setTimeout(1000, undefined, { ref: false })])
      child.kill("SIGKILL")
      await gone
      for (const socket of [shell, control, iopub]) socket.close()
    },
  }
}

function listen(shell: Dealer, iopub: Subscriber, tell: (what: string) => void): void {
  const replies = async () => {
    for await (const frames of shell) tell(`reply ${parentOf(frames, 0)}`)
  }
  const outputs = async () => {
    for await (const frames of iopub) {
      const type = (JSON.parse(String(frames[3])) as { msg_type: string }).msg_type
      if (type === "status" && String(frames[6]).includes("idle")) tell(`idle ${parentOf(frames, 1)}`)
      if (type === "stream" && values["first-to"]) writeFileSync(values["first-to"], (JSON.parse(String(frames[6])) as { text: string }).text)
    }
  }
  void replies()
  void outputs()
}

function parentOf(frames: readonly Uint8Array[], topics: number): string {
  return (JSON.parse(String(frames[topics + 3])) as { msg_id?: string }).msg_id ?? ""
}

function message(key: KeyObject, type: string, id: string, content: object): (string | Buffer)[] {
  const header = { msg_id: id, msg_type: type, session: "floor", username: "floor", date: new Date().toISOString(), version: "5.3" }
  const parts = [header, {}, {}, content].map((part) => JSON.stringify(part))
  const digest = createHmac("sha256", key).update(parts.join("")).digest("hex")
  return ["<IDS|MSG>", digest, ...parts]
}
