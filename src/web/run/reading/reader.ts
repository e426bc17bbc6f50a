/** The page's side of the reader: questions go to a worker, answers come back as promises. */
import type { LiveOutput } from "#api/live.ts"
import type { Changes, Outline } from "#web/run/reading/outline.ts"
import type { Asked, Question, Told } from "#web/run/reading/reader.worker.ts"
import readerUrl from "#web/run/reading/reader.worker.ts?worker&url"

/** What could not be read: `status` is the server's, 0 where the reading itself failed. */
export class Unread extends Error {
  override readonly name = "Unread"
  readonly status: number
  constructor(message: string, status: number) {
    super(message)
    this.status = status
  }
}

type Waiting = { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }

const waiting = new Map<number, Waiting>()
let worker: Worker | undefined
let count = 0

function theWorker(): Worker {
  if (worker) return worker
  const made = new Worker(readerUrl, { type: "module", name: "reader" })
  made.onmessage = ({ data }: MessageEvent<Told>) => {
    const asked = waiting.get(data.id)
    waiting.delete(data.id)
    if (data.ok) asked?.resolve(data.value)
    else asked?.reject(new Unread(data.message, data.status))
  }
  // It ran out of memory, or its script is of another build: what was asked is refused, and the next question begins anew.
  made.onerror = () => {
    for (const { reject } of waiting.values()) reject(new Unread("The notebook could not be read here. Load the page again, or download it.", 0))
    waiting.clear()
    made.terminate()
    if (worker === made) worker = undefined
  }
  worker = made
  return made
}

function ask(question: Question): Promise<unknown> {
  const id = ++count
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject })
    theWorker().postMessage({ ...question, id } satisfies Asked)
  })
}

export const reader = {
  outline: (url: string) => ask({ do: "outline", url }) as Promise<Outline>,
  outputs: (url: string, cell: number) => ask({ do: "outputs", url, cell }) as Promise<readonly LiveOutput[]>,
  compare: (before: string, after: string, between: "versions" | "results") => ask({ do: "compare", before, after, between }) as Promise<Changes>,
}

/** Where the bytes of a version are, and those of a result. */
export function versionUrl(notebook: string, version: number): string {
  return `/api/v1/notebooks/${encodeURIComponent(notebook)}/versions/${version}/content`
}

export function resultUrl(run: string, attempt: number): string {
  return `/api/v1/runs/${encodeURIComponent(run)}/result?attempt=${attempt}`
}
