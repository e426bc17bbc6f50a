import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { address, makeConnection, makeKernelFolder, readConnection, removeKernelFolder } from "#kernel/adapters/connection.ts"

const root = mkdtempSync(join(tmpdir(), "stet-connection-"))
afterAll(() => rmSync(root, { recursive: true, force: true }))

test("a connection file says what was chosen and is for its owner only", async () => {
  for (const transport of ["ipc", "tcp"] as const) {
    const folder = makeKernelFolder(root, {})
    const connection = await makeConnection(folder, transport, "x")
    expect(readConnection(connection.file)).toEqual(connection)
    expect([statSync(folder).mode & 0o777, statSync(connection.file).mode & 0o777]).toEqual([0o700, 0o600])
    expect(connection.key).toMatch(/^[0-9a-f]{64}$/)
    expect(new Set(Object.values(connection.ports)).size).toBe(5)
    expect(address(connection, "shell")).toBe(transport === "ipc" ? `ipc://${folder}/s-1` : `tcp://127.0.0.1:${connection.ports.shell}`)
    removeKernelFolder(connection.file)
    expect(existsSync(folder)).toBe(false)
  }
})

test("two kernels never share a key", async () => {
  const keys = await Promise.all([1, 2].map(async () => (await makeConnection(makeKernelFolder(root, {}), "ipc", "x")).key))
  expect(keys[0]).not.toBe(keys[1])
})

test("a folder whose sockets would have too long a path is passed over", () => {
  const long = join(root, "l".repeat(100))
  const folder = makeKernelFolder(long, { XDG_RUNTIME_DIR: root })
  expect(dirname(folder)).toBe(root)
  expect(Buffer.byteLength(join(folder, "s-5"))).toBeLessThanOrEqual(107)
})

test("a connection file that is gone, damaged, without key or open to others is not used", async () => {
  const { file } = await makeConnection(makeKernelFolder(root, {}), "ipc", "x")
  const good = JSON.stringify({ ip: "/x", key: "k", transport: "ipc", shell_port: 1, iopub_port: 2, stdin_port: 3, control_port: 4, hb_port: 5 })
  const write = (text: string) => writeFileSync(file, text)
  write(good)
  expect(readConnection(file).kernelName).toBe("")
  for (const bad of ["", "[]", "null", "{}", good.replace('"k"', '""'), good.replace("ipc", "udp"), good.replace('"hb_port":5', '"hb_port":"5"')]) {
    write(bad)
    expect(() => readConnection(file), bad).toThrow(/kept kernel cannot be reached/)
  }
  write(good.replace("{", '{"signature_scheme": "hmac-md5",'))
  expect(() => readConnection(file)).toThrow(/another signature scheme/)
  write(good)
  chmodSync(file, 0o644)
  expect(() => readConnection(file)).toThrow(/open to others/)
  expect(() => readConnection(join(root, "gone.json"))).toThrow(/cannot be read/)
})
