/** `-`: standard input when read, standard output when written. */
import { Fault } from "#base/fault.ts"
import { fileFault } from "#run/adapters/storage/file-fault.ts"
import type { Sink } from "#run/storage.ts"

export type StandardStreams = {
  readonly input: AsyncIterable<Uint8Array | string>
  readonly output: NodeJS.WritableStream
}

export type StreamStorage = { read(): Promise<Uint8Array>; openWrite(): Sink }

export function standardStreams(streams: StandardStreams): StreamStorage {
  let wasRead = false
  return {
    async read() {
      if (wasRead) {
        throw new Fault("storage_unreadable", "Standard input was named twice, but it can be read only once.", {
          remedy: "Use - for one thing only.",
        })
      }
      wasRead = true
      const pieces: Buffer[] = []
      try {
        for await (const piece of streams.input) pieces.push(Buffer.from(piece as Uint8Array))
      } catch (error) {
        throw fileFault(error, "read", "Standard input")
      }
      return Buffer.concat(pieces)
    },
    openWrite: () => openOutput(streams.output),
  }
}

/** Standard output cannot take bytes back: they go out as they come, and an abort only stops. */
function openOutput(output: NodeJS.WritableStream): Sink {
  // A stream that breaks tells it twice, to the callback below and as an event that ends the process if nobody listens.
  output.on("error", () => undefined)
  return {
    write: (bytes) => send(output, bytes),
    commit: async () => undefined,
    abort: async () => undefined,
  }
}

/** Resolves when the system has taken the bytes: then memory is bounded and nothing is lost when the process ends. */
function send(output: NodeJS.WritableStream, bytes: Uint8Array): Promise<void> {
  return new Promise((done, fail) => {
    output.write(bytes, (error) => (error ? fail(fileFault(error, "write", "Standard output")) : done()))
  })
}
