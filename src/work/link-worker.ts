/** The server's connection with one worker: made when it is needed, made again when it breaks, given up when nobody needs it. */
import { Fault } from "#base/fault.ts"
import type { Outcome } from "#base/outcome.ts"
import type { Timers } from "#run/index.ts"
import { type Dial, greet, type Proving, type Talk } from "#work/link-wire.ts"
import type { Request, Response, SessionAsk } from "#work/session-asks.ts"
import type { SessionRefusal } from "#work/session-refusal.ts"
import type { Told } from "#work/session-view.ts"

export type WorkerPlace = { readonly worker: string; readonly address: string }

type Waiting = {
  readonly settle: (outcome: Outcome<unknown, SessionRefusal>) => void
  readonly fail: (error: Error) => void
  readonly stop: () => void
}

const ANSWER_WITHIN_MS = 30_000

export class WorkerLine {
  readonly #place: WorkerPlace
  readonly #dial: Dial
  readonly #proving: Proving
  readonly #timers: Timers
  readonly #waiting = new Map<number, Waiting>()
  /** By session. */
  readonly #told = new Map<string, (told: Told) => void>()
  readonly #broken = new Set<() => void>()
  #talk: Promise<Talk> | undefined
  #next = 1
  #isClosed = false

  constructor(place: WorkerPlace, { dial, proving, timers }: { readonly dial: Dial; readonly proving: Proving; readonly timers: Timers }) {
    this.#place = place
    this.#dial = dial
    this.#proving = proving
    this.#timers = timers
  }

  /**
   * @param answered called before anything is told that was said after the answer: whoever waits for the promise comes later
   * @throws Fault worker_gone when it cannot be reached, or the connection breaks before the answer
   */
  async ask(
    session: string,
    ask: SessionAsk,
    answered?: (outcome: Outcome<unknown, SessionRefusal>) => void,
  ): Promise<Outcome<unknown, SessionRefusal>> {
    const talk = await this.#talking()
    const id = this.#next++
    return new Promise((resolve, reject) => {
      const stop = this.#timers.after(ANSWER_WITHIN_MS, () => this.#fail(id, gone("did not answer in time")))
      const settle = (outcome: Outcome<unknown, SessionRefusal>) => {
        answered?.(outcome)
        resolve(outcome)
      }
      this.#waiting.set(id, { settle, fail: reject, stop })
      talk.say({ id, session, ask } satisfies Request)
    })
  }

  /** What is told of that session; the last one to ask is told. */
  hear(session: string, listener: ((told: Told) => void) | undefined): void {
    if (listener) this.#told.set(session, listener)
    else this.#told.delete(session)
  }

  /** Called whenever the connection breaks. Gives the function that takes it back. */
  onBroken(then: () => void): () => void {
    this.#broken.add(then)
    return () => void this.#broken.delete(then)
  }

  close(): void {
    this.#isClosed = true
    this.#talk?.then((talk) => talk.wire.close()).catch(() => undefined)
  }

  #talking(): Promise<Talk> {
    if (this.#isClosed) return Promise.reject(gone("is not spoken to any more"))
    this.#talk ??= this.#connect().catch((error: unknown) => {
      this.#talk = undefined
      throw gone("cannot be reached", error)
    })
    return this.#talk
  }

  async #connect(): Promise<Talk> {
    const wire = await this.#dial(this.#place.address)
    const talk = await greet(wire, this.#place.worker, this.#proving)
    talk.onFrame((value) => this.#heard(value as Response))
    talk.onClose(() => this.#lose())
    return talk
  }

  #heard(response: Response): void {
    if ("told" in response) return this.#told.get(response.session)?.(response.told)
    const waiting = this.#waiting.get(response.id)
    if (!waiting) return
    this.#waiting.delete(response.id)
    waiting.stop()
    if ("fault" in response)
      waiting.fail(new Fault("worker_gone", `The worker could not do it: ${response.fault}`, { remedy: "Try again; its log says more." }))
    else waiting.settle(response.outcome)
  }

  #fail(id: number, error: Error): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    waiting?.stop()
    waiting?.fail(error)
  }

  #lose(): void {
    this.#talk = undefined
    for (const id of [...this.#waiting.keys()]) this.#fail(id, gone("went away"))
    for (const then of [...this.#broken]) then()
  }
}

export function gone(how: string, cause?: unknown): Fault {
  return new Fault("worker_gone", `The worker that holds the kernel ${how}.`, { retry: "later", remedy: "Try again in a moment.", cause })
}
