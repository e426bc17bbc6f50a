/**
 * An older version comes back as edits of the live draft, for everybody who has it open; what the draft said until then stays a
 * version, and what it says then becomes the newest.
 */
import { ApiProblem } from "#api/client.ts"
import type { Answers, Asked, Tell } from "#api/live.ts"

/** The version that it is now, and the one that says what the draft said until then. */
export type Restored = Answers["save"] & Pick<Answers["restore"], "before">

/** @throws ApiProblem when it is refused, or the server cannot be reached */
export async function restoreVersion(notebook: string, version: number): Promise<Restored> {
  const line = shortLine(notebook)
  try {
    const { before } = (await line.ask({ id: 1, do: "restore", version })) as Answers["restore"]
    const saved = (await line.ask({ id: 2, do: "save", message: `Restored version ${version}` })) as Answers["save"]
    return { ...saved, before }
  } finally {
    line.close()
  }
}

/** The notebook's socket for a few questions, one after the other, by somebody who does not look at the draft. */
function shortLine(notebook: string) {
  const address = new URL(`/api/v1/notebooks/${encodeURIComponent(notebook)}/live`, globalThis.location.href)
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:"
  const socket = new WebSocket(address)
  // Frames of the document itself are of no use here, and are not read.
  socket.binaryType = "arraybuffer"
  const hearing = new Map<string, { readonly resolve: (tell: Tell) => void; readonly reject: (error: Error) => void }>()
  const next = (key: string) => new Promise<Tell>((resolve, reject) => hearing.set(key, { resolve, reject }))
  socket.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (typeof data !== "string") return
    const tell = JSON.parse(data) as Tell
    const key = tell.tell === "answer" ? String(tell.id) : tell.tell
    hearing.get(key)?.resolve(tell)
  }
  socket.onclose = () => {
    for (const { reject } of hearing.values())
      reject(problem("away", "The server ended the connection before it was done.", "Try again in a moment."))
  }
  const isWelcome = next("welcome")
  return {
    async ask(question: Asked): Promise<unknown> {
      await isWelcome
      const answer = next(String(question.id))
      socket.send(JSON.stringify(question))
      const told = await answer
      if (told.tell !== "answer") return undefined
      if (!told.ok) throw problem(told.code, told.message, told.remedy)
      return told.value
    },
    close: () => socket.close(),
  }
}

function problem(code: string, detail: string, remedy: string): ApiProblem {
  return new ApiProblem({ type: "about:blank", title: "Not restored", status: 409, detail, instance: "", code, errors: [], remedy })
}
