/** A client that follows a run from its beginning to its end, whatever happens meanwhile, and notes what it was given. */
import type { Client } from "../src/api/client.ts"
import type { Seen } from "./violations.ts"

export type Watching = {
  /** What it has been given so far. */
  seen(): Seen
  readonly done: Promise<Seen>
  stop(): void
}

export function watch(client: Client, run: string): Watching {
  const seqs: number[] = []
  const states: string[] = []
  let text = ""
  const stopping = new AbortController()
  const seen = () => ({ run, seqs: [...seqs], text, states: [...states] })
  const follow = async () => {
    try {
      for await (const { seq, type, what } of client.events(run, { signal: stopping.signal })) {
        seqs.push(seq)
        const said = what as { readonly text?: string; readonly state?: string }
        if (type === "stream") text += said.text ?? ""
        if (type === "state") states.push(said.state ?? "")
      }
    } catch (error) {
      if (!stopping.signal.aborted) throw error
    }
    return seen()
  }
  const done = follow()
  // Heard by whoever asks for it, which may be later.
  done.catch(() => undefined)
  return { seen, done, stop: () => stopping.abort() }
}
