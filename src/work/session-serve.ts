/** The worker's side of its connections with servers. */
import { toError } from "#base/fault.ts"
import { accepted } from "#base/outcome.ts"
import { type Proving, type Talk, type Wire, welcome } from "#work/link-wire.ts"
import type { Request, Response } from "#work/session-asks.ts"
import type { SessionHost } from "#work/session-host.ts"
import { refuseSession } from "#work/session-refusal.ts"
import type { Told } from "#work/session-view.ts"

/** What a server has not taken yet: beyond that it is not told of outputs, but that it missed some. */
const BACKLOG_BYTES = 8_000_000

export async function serveLink(host: SessionHost, wire: Wire, proving: Proving): Promise<void> {
  const talk = await welcome(wire, host.worker, proving)
  const server = new OneServer(host, talk)
  talk.onFrame((value) => server.hear(value as Request))
  talk.onClose(() => server.leave())
}

class OneServer {
  readonly #host: SessionHost
  readonly #talk: Talk
  readonly #listening = new Map<string, () => void>()
  /** Execution → its session: what was left out because the server is slow. */
  readonly #missed = new Map<string, string>()

  constructor(host: SessionHost, talk: Talk) {
    this.#host = host
    this.#talk = talk
    talk.wire.onDrain(() => this.#tellMissed())
  }

  leave(): void {
    for (const stop of this.#listening.values()) stop()
    this.#listening.clear()
  }

  hear({ id, session, ask }: Request): void {
    if (ask.do === "listen") return this.#listen(id, session)
    if (ask.do === "unlisten") return this.#unlisten(id, session)
    this.#host.ask(session, ask).then(
      (outcome) => this.#say({ id, outcome }),
      (error: unknown) => this.#say({ id, fault: toError(error).message }),
    )
  }

  #listen(id: number, session: string): void {
    this.#listening.get(session)?.()
    const listening = this.#host.listen(session, (told) => this.#tell(session, told))
    if (!listening) return this.#say({ id, outcome: refuseSession("no_session", "The session is not there any more.", "Start one.") })
    this.#listening.set(session, listening.stop)
    this.#say({ id, outcome: accepted(listening.now) })
  }

  #unlisten(id: number, session: string): void {
    this.#listening.get(session)?.()
    this.#listening.delete(session)
    this.#say({ id, outcome: accepted(null) })
  }

  #tell(session: string, told: Told): void {
    if (told.tell === "outputs" && this.#talk.wire.backlogBytes > BACKLOG_BYTES) return void this.#missed.set(told.execution, session)
    this.#say({ session, told })
  }

  #tellMissed(): void {
    for (const [execution, session] of this.#missed) {
      this.#missed.delete(execution)
      this.#say({ session, told: { tell: "outputs", execution, from: this.#host.numberOf(session, execution), changes: [] } })
    }
  }

  #say(response: Response): void {
    this.#talk.say(response)
  }
}
