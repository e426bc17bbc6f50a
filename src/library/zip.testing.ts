/** Zip archives as an attacker writes them: every field of every entry may say what is not so. */
import { crc32, deflateRawSync, inflateRawSync } from "node:zlib"

export type ZipEntry = {
  readonly name: string | Uint8Array
  readonly content?: Uint8Array | string
  /** 0 stored, 8 deflated (default). */
  readonly method?: number
  /** Unix mode with the kind of file, as 0o120777 for a link. */
  readonly mode?: number
  readonly flags?: number
  /** What the table of contents says, when it lies. */
  readonly says?: { readonly size?: number; readonly packed?: number; readonly crc?: number }
  /** Uses the bytes of the entry of this index instead of its own. */
  readonly sharedWith?: number
}

const bytesOf = (text: Uint8Array | string): Buffer => (typeof text === "string" ? Buffer.from(text) : Buffer.from(text))

export function zipOfEntries(entries: readonly ZipEntry[]): Uint8Array {
  const local: Buffer[] = []
  const central: Buffer[] = []
  const starts: number[] = []
  let at = 0
  entries.forEach((entry, i) => {
    const name = bytesOf(entry.name)
    const content = bytesOf(entry.content ?? "")
    const method = entry.method ?? 8
    const packed = method === 8 ? deflateRawSync(content) : content
    const facts = Buffer.alloc(26)
    facts.writeUInt16LE(20, 0)
    facts.writeUInt16LE(entry.flags ?? 0x800, 2)
    facts.writeUInt16LE(method, 4)
    facts.writeUInt16LE(0, 6)
    facts.writeUInt16LE(0x5821, 8)
    facts.writeUInt32LE(entry.says?.crc ?? crc32(content), 10)
    facts.writeUInt32LE(entry.says?.packed ?? packed.length, 14)
    facts.writeUInt32LE(entry.says?.size ?? content.length, 18)
    facts.writeUInt16LE(name.length, 22)
    facts.writeUInt16LE(0, 24)
    starts[i] = entry.sharedWith === undefined ? at : (starts[entry.sharedWith] ?? 0)
    if (entry.sharedWith === undefined) {
      const header = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), facts, name, packed])
      local.push(header)
      at += header.length
    }
    const after = Buffer.alloc(14)
    after.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 6)
    after.writeUInt32LE(starts[i] ?? 0, 10)
    central.push(Buffer.concat([Buffer.from("PK\x01\x02", "latin1"), Buffer.from([20, 3]), facts, after, name]))
  })
  const directory = Buffer.concat(central)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(entries.length, 4)
  end.writeUInt16LE(entries.length, 6)
  end.writeUInt32LE(directory.length, 8)
  end.writeUInt32LE(at, 12)
  return Buffer.concat([...local, directory, Buffer.from("PK\x05\x06", "latin1"), end])
}

const TABLE_END = 0x06054b50
const TABLE_ENTRY = 0x02014b50

/** What lies packed in an archive, one after the other; nothing of what is no archive. */
export function unpacked(bytes: Buffer): string {
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]))
  if (end < 0 || bytes.readUInt32LE(end) !== TABLE_END) return ""
  const texts: string[] = []
  for (let at = bytes.readUInt32LE(end + 16); bytes.readUInt32LE(at) === TABLE_ENTRY; ) {
    const [method, packed, local] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 42)]
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
    const content = bytes.subarray(start, start + packed)
    texts.push((method === 8 ? inflateRawSync(content) : content).toString("latin1"))
    at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
  return texts.join("\n")
}
