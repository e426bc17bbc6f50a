/**
 * Zip archives of strangers. Only the central directory is believed for what there is, and nothing for how large it is: what
 * is unpacked is counted as it comes and checked against its CRC. Nothing is ever written to a disk by a name from an archive.
 *
 * Bombs: 42.zip holds zips, which here are plain files; overlapping entries and bare deflate reach 1,032 : 1 an entry and
 * millions an archive, which the limits on ratio and total stop before anything is unpacked.
 */
import { crc32 } from "node:zlib"
import yauzl, { type Entry, type ZipFile } from "yauzl"
import { toError } from "#base/fault.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { ARCHIVE_LIMITS, type ArchiveLimits, type Archives, type BadArchive, type Offered, type Offering, Unreadable } from "#library/offered.ts"

export const zipArchives: Archives = { open: openZip }

async function openZip(
  source: Uint8Array | { readonly file: string },
  limits: ArchiveLimits = ARCHIVE_LIMITS,
): Promise<Outcome<Offering, BadArchive>> {
  const options = { lazyEntries: true, autoClose: false, decodeStrings: false, validateEntrySizes: false }
  let zip: ZipFile
  try {
    zip = await (source instanceof Uint8Array
      ? yauzl.fromBufferPromise(Buffer.from(source.buffer, source.byteOffset, source.length), options)
      : yauzl.openPromise(source.file, options))
  } catch (error) {
    // A file that cannot be opened is the world's fault, everything else the archive's.
    if (error instanceof Error && "syscall" in error) throw error
    return bad("This is not a zip archive, or its end is missing: pack it again.")
  }
  const close = async () => {
    if (zip.isOpen) zip.close()
  }
  const listed = await entriesOf(zip, limits)
  if (!listed.ok) await close()
  return listed.ok ? accepted({ pieces: listed.value.map((entry) => offer(zip, entry, limits)), close }) : listed
}

function bad(message: string): { readonly ok: false; readonly refusal: BadArchive } {
  return refused({ refused: "bad_archive", message })
}

async function entriesOf(zip: ZipFile, limits: ArchiveLimits): Promise<Outcome<readonly Entry[], BadArchive>> {
  if (zip.entryCount > limits.entries)
    return bad(`The archive holds ${zip.entryCount} entries, more than the ${limits.entries} that are taken in at once: split it.`)
  const entries: Entry[] = []
  let total = 0
  try {
    for await (const entry of zip.eachEntry()) {
      entries.push(entry)
      total += entry.uncompressedSize
      if (total > limits.totalBytes) return bad(`What the archive holds is larger than ${Math.floor(limits.totalBytes / 1024 ** 2)} MB: split it.`)
    }
  } catch (error) {
    if (/encryption/.test(toError(error).message)) return bad("The archive is encrypted: pack it without a password.")
    return bad("The archive's table of contents is damaged: pack it again.")
  }
  // Entries that share their bytes make little of much: judged together, as each alone may look harmless.
  if (total > SMALL && total > zip.fileSize * limits.ratio) return bad(tooDense(limits))
  return accepted(entries)
}

// What unpacks to less does no harm, however well it was packed: a file of one repeated line is no bomb.
const SMALL = 1024 ** 2

function tooDense({ ratio }: ArchiveLimits): string {
  return `The archive would become more than ${ratio} times its size, as archives do that are made to fill disks: pack it otherwise.`
}

// APPNOTE 4.4.2 and 4.4.15: the upper byte says on which system it was made; on Unix the upper half of the attributes is its mode.
const KINDS = new Map<number, Offered["kind"]>([
  [0o040000, "folder"],
  [0o120000, "link"],
  [0o100000, "file"],
  [0, "file"],
])

function kindOf(entry: Entry, path: string): Offered["kind"] {
  const mode = (entry.externalFileAttributes >>> 16) & 0o170000
  const kind = KINDS.get(mode) ?? "device"
  return kind === "file" && path.endsWith("/") ? "folder" : kind
}

function offer(zip: ZipFile, entry: Entry, limits: ArchiveLimits): Offered {
  const { path, isSound } = nameOf(entry)
  const unusable = isSound ? complaintAbout(entry, limits) : "its name is damaged"
  return {
    path,
    kind: kindOf(entry, path),
    sizeBytes: entry.uncompressedSize,
    ...(unusable === undefined ? {} : { unusable }),
    content: () => contentOf(zip, entry),
  }
}

function nameOf(entry: Entry): { readonly path: string; readonly isSound: boolean } {
  // Strict: a "\" in a name is kept, and refused by the rules for paths, not quietly made a folder.
  const path = yauzl.getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, true)
  return { path, isSound: !path.includes("\ufffd") }
}

function complaintAbout(entry: Entry, { ratio }: ArchiveLimits): string | undefined {
  if (entry.isEncrypted() || (entry.generalPurposeBitFlag & 0x40) !== 0) return "it is encrypted: pack it without a password"
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8)
    return `it is packed by method ${entry.compressionMethod}, and Stet unpacks only deflate`
  if (entry.uncompressedSize > SMALL && entry.uncompressedSize > entry.compressedSize * ratio)
    return `it would become more than ${ratio} times its packed size`
  return undefined
}

async function* contentOf(zip: ZipFile, entry: Entry): AsyncGenerator<Uint8Array> {
  let size = 0
  let sum = 0
  try {
    const stream = await zip.openReadStreamPromise(entry)
    for await (const bytes of stream as AsyncIterable<Buffer>) {
      size += bytes.length
      if (size > entry.uncompressedSize) throw new Unreadable("it is larger than the archive says")
      sum = crc32(bytes, sum)
      yield bytes
    }
  } catch (error) {
    throw error instanceof Unreadable ? error : new Unreadable("it is damaged: it cannot be unpacked", { cause: error })
  }
  if (size !== entry.uncompressedSize) throw new Unreadable("it is smaller than the archive says")
  if (sum !== entry.crc32) throw new Unreadable("it is damaged: its checksum is another one")
}
