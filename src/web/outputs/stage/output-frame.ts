/** One frame: an opaque origin at an address of its own, spoken to over one port. */

import { type PartName, readSaid, type Said, type Told } from "#web/outputs/frame/messages.ts"
import runtimeAddress from "#web/outputs/frame/runtime.ts?frame"
import { partTexts } from "#web/outputs/stage/libraries.ts"

let runtime: Promise<string> | undefined

function runtimeCode(): Promise<string> {
  runtime ??= fetch(runtimeAddress).then((answer) => {
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`)
    return answer.text()
  })
  runtime.catch(() => {
    runtime = undefined
  })
  return runtime
}

// What a frame says is dropped when it says more than anybody could mean, so that a hostile one cannot keep the page busy.
const MOST_A_SECOND = 400

export type FrameListener = {
  readonly said: (said: Said) => void
  /** It has left its own document, or its document could not be had: nothing of it is to be trusted to be there. */
  readonly lost: (why: string) => void
}

export class OutputFrame {
  readonly element: HTMLIFrameElement
  readonly #port: MessagePort
  readonly #parts = new Set<PartName>()
  #count = 0
  #second = 0
  #loads = 0
  // What is told before the runtime is there waits: the first message of the port has to be the runtime itself.
  #waiting: Told[] | undefined = []

  constructor(
    layer: HTMLElement,
    { hosts, title, listener }: { readonly hosts: readonly string[]; readonly title: string; readonly listener: FrameListener },
  ) {
    const { port1, port2 } = new MessageChannel()
    this.#port = port1
    const element = document.createElement("iframe")
    this.element = element
    element.setAttribute("sandbox", "allow-scripts")
    element.setAttribute("referrerpolicy", "no-referrer")
    element.title = title
    element.tabIndex = -1
    element.src = hosts.length === 0 ? "/frames/output" : `/frames/output?allow=${hosts.map(encodeURIComponent).join(",")}`
    element.addEventListener("load", () => {
      if (this.#loads++ > 0) return listener.lost("This output has left its frame.")
      void runtimeCode().then(
        (code) => {
          element.contentWindow?.postMessage("stet", "*", [port2])
          port1.postMessage({ code, hosts })
        },
        () => listener.lost("The part of Stet that draws outputs could not be loaded. Reload the page."),
      )
    })
    port1.onmessage = (event) => {
      const said = this.#isTooMuch() ? undefined : readSaid(event.data)
      if (said?.say === "ready") this.#flush()
      else if (said) listener.said(said)
    }
    layer.append(element)
  }

  tell(told: Told): void {
    if (this.#waiting) this.#waiting.push(told)
    else this.#port.postMessage(told)
  }

  #flush(): void {
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    for (const told of waiting) this.#port.postMessage(told)
  }

  /** Sends the libraries of a part, once. */
  bring(name: PartName): void {
    if (this.#parts.has(name)) return
    this.#parts.add(name)
    void partTexts(name).then(
      (libraries) => this.tell({ do: "part", name, libraries }),
      () => this.#parts.delete(name),
    )
  }

  close(): void {
    this.#port.close()
    this.element.remove()
  }

  #isTooMuch(): boolean {
    const now = Math.floor(performance.now() / 1000)
    if (now !== this.#second) {
      this.#second = now
      this.#count = 0
    }
    return ++this.#count > MOST_A_SECOND
  }
}
