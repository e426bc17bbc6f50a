/** A place of packages that can lose one: wheels of a small module, made here and served from this machine. */
import { createHash } from "node:crypto"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { zipOf } from "#library/adapters/zip-writer.ts"

export type Wheels = {
  /** A requirement that names it by its address and digest. */
  add(name: string, version: string, source: string): Promise<string>
  /** From now on it is not there. */
  lose(name: string, version: string): void
  close(): Promise<void>
}

export async function servedWheels(): Promise<Wheels> {
  const wheels = new Map<string, Buffer>()
  const server = createServer(({ url = "" }, response) => {
    const wheel = wheels.get(url)
    // Whoever keeps copies asks again each time, so that what was lost is missed.
    response.writeHead(wheel ? 200 : 404, { "cache-control": "no-cache", "content-length": wheel?.length ?? 0 })
    response.end(wheel)
  })
  await new Promise<void>((then) => server.listen(0, "127.0.0.1", then))
  const place = (name: string, version: string) => `/${name}-${version}-py3-none-any.whl`
  return {
    add: async (name, version, source) => {
      const wheel = await wheelOf(name, version, source)
      wheels.set(place(name, version), wheel)
      const { port } = server.address() as AddressInfo
      return `${name} @ http://127.0.0.1:${port}${place(name, version)}#sha256=${createHash("sha256").update(wheel).digest("hex")}`
    },
    lose: (name, version) => void wheels.delete(place(name, version)),
    close: () => new Promise((then) => server.close(() => then())),
  }
}

/** As PEP 427 has it. */
async function wheelOf(name: string, version: string, source: string): Promise<Buffer> {
  const about = `${name}-${version}.dist-info`
  const files: readonly (readonly [string, string])[] = [
    [`${name}.py`, source],
    [`${about}/METADATA`, `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`],
    [`${about}/WHEEL`, "Wheel-Version: 1.0\nGenerator: stet\nRoot-Is-Purelib: true\nTag: py3-none-any\n"],
  ]
  const record = [...files.map(([path, text]) => recorded(path, text)), `${about}/RECORD,,`].join("\n")
  const parts: Uint8Array[] = []
  for await (const part of zipOf(entriesOf([...files, [`${about}/RECORD`, `${record}\n`]]))) parts.push(part)
  return Buffer.concat(parts)
}

function recorded(path: string, text: string): string {
  return `${path},sha256=${createHash("sha256").update(text).digest("base64url")},${Buffer.byteLength(text)}`
}

async function* entriesOf(files: readonly (readonly [string, string])[]) {
  for (const [path, text] of files)
    yield {
      path,
      at: 0,
      content: async function* () {
        yield Buffer.from(text)
      },
    }
}
