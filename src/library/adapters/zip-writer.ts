/** An export as a zip archive, made as it is read: one entry at a time, none held as a whole. */
import { Readable } from "node:stream"
import yazl from "yazl"
import { toError } from "#base/fault.ts"
import type { ExportEntry } from "#library/export.ts"

/** The archive's bytes. When an entry cannot be read the archive breaks off, so that it cannot be taken for a whole one. */
export async function* zipOf(entries: AsyncIterable<ExportEntry>): AsyncGenerator<Uint8Array> {
  const zip = new yazl.ZipFile()
  const output = zip.outputStream as Readable
  const breakOff = (error: unknown) => output.destroy(toError(error))
  zip.on("error", breakOff)
  const feeding = feed(zip, entries, breakOff).catch(breakOff)
  try {
    yield* output as AsyncIterable<Uint8Array>
  } finally {
    output.destroy()
  }
  await feeding
}

async function feed(zip: yazl.ZipFile, entries: AsyncIterable<ExportEntry>, breakOff: (error: unknown) => void): Promise<void> {
  for await (const { path, at, content } of entries) {
    // Asked for when it is this entry's turn: the next one is not even looked up before.
    await new Promise<void>((taken) => {
      // The time of an entry has two seconds' resolution and begins in 1980 (APPNOTE 4.4.6).
      const options = { mtime: new Date(Math.max(at, Date.UTC(1980, 0, 2))), mode: 0o100644 }
      zip.addReadStreamLazy(path, options, (give) => {
        const stream = Readable.from(content(), { objectMode: false })
        stream.on("error", breakOff)
        give(null, stream)
        taken()
      })
    })
  }
  zip.end()
}
