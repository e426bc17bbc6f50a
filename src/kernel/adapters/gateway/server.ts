import { Fault, type FaultCode, isFault, toError } from "#base/fault.ts"

export type GatewayOptions = {
  /** Where the server is, its base path included; a `?token=…` at its end is taken as the token. */
  readonly url: string
  /** Sent as header, never as part of an address. */
  readonly token?: string
  readonly headers?: { readonly [name: string]: string }
  /** Folder on the server, relative to its root, in which kernels start; default its root. `cwd` of a launch is a local path and not used. */
  readonly path?: string
  readonly fetch?: typeof fetch
  /** How long a lost connection is sought again before the kernel is given up; default 60 s. */
  readonly reconnectForMs?: number
  /** How often the server is asked about a kernel while a cell runs; default 2 s. */
  readonly checkMs?: number
}

/** A Jupyter server, Kernel Gateway or Enterprise Gateway, spoken to over HTTP. */
export type Server = {
  /** Address without credentials, to name it by. */
  readonly name: string
  readonly headers: { readonly [name: string]: string }
  /** Where the WebSocket of a kernel is. */
  socketUrl(kernelId: string, session: string): string
  /**
   * Asks for `path` below `api/`; gives the status and the JSON in the answer. 404 is an answer, other refusals are faults.
   * @throws Fault of the code given (default kernel_silent), with remedy
   */
  ask(method: "GET" | "POST" | "DELETE", path: string, more?: AskMore): Promise<Answer>
}

export type AskMore = { readonly body?: unknown; readonly timeoutMs?: number; readonly fault?: FaultCode }
export type Answer = { readonly status: number; readonly body: unknown }

const TIMEOUT_MS = 30_000

/** @throws Fault kernel_start_failed for an address that is none */
export function serverAt(options: GatewayOptions): Server {
  const { base, credentials } = readAddress(options)
  const headers = { ...credentials, ...options.headers }
  const name = base.href.replace(/\/$/, "")
  return {
    name,
    headers,
    socketUrl: (kernelId, session) => {
      const url = new URL(`api/kernels/${encodeURIComponent(kernelId)}/channels`, base)
      url.protocol = base.protocol === "https:" ? "wss:" : "ws:"
      url.searchParams.set("session_id", session)
      return url.href
    },
    ask: async (method, path, more = {}) => {
      const fault = (why: Trouble) => new Fault(more.fault ?? "kernel_silent", `The Jupyter server at ${name} ${why.message}`, why)
      const response = await request(options.fetch ?? fetch, new URL(`api/${path}`, base), { method, headers, more }).catch((error) => {
        throw isFault(error) ? error : fault(unreachable(toError(error)))
      })
      if (response.ok || response.status === 404) return { status: response.status, body: await jsonOf(response) }
      throw fault(refusal(response.status, await jsonOf(response)))
    },
  }
}

type Address = { readonly base: URL; readonly credentials: { readonly [name: string]: string } }

function readAddress({ url, token }: GatewayOptions): Address {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || !/^https?:$/.test(parsed.protocol)) {
    // The text itself is not repeated: it may hold a token.
    throw new Fault("kernel_start_failed", "The address of the Jupyter server is not an http or https address.", {
      remedy: "Give it like http://host:8888/.",
    })
  }
  const secret = token ?? parsed.searchParams.get("token") ?? ""
  const basic = `${decodeURIComponent(parsed.username)}:${decodeURIComponent(parsed.password)}`
  const base = new URL(parsed.origin + parsed.pathname.replace(/(\/(lab|tree|notebooks))?\/*$/, "/"))
  if (secret !== "") return { base, credentials: { authorization: `token ${secret}` } }
  return { base, credentials: basic === ":" ? {} : { authorization: `Basic ${Buffer.from(basic).toString("base64")}` } }
}

type Call = { readonly method: string; readonly headers: { readonly [name: string]: string }; readonly more: AskMore }

function request(send: typeof fetch, url: URL, { method, headers, more }: Call): Promise<Response> {
  return send(url, {
    method,
    headers: { accept: "application/json", ...(more.body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    ...(more.body === undefined ? {} : { body: JSON.stringify(more.body) }),
    // A login page is no answer, and credentials are not carried to another address.
    redirect: "manual",
    signal: AbortSignal.timeout(more.timeoutMs ?? TIMEOUT_MS),
  })
}

async function jsonOf(response: Response): Promise<unknown> {
  try {
    return JSON.parse(await response.text())
  } catch {
    return undefined
  }
}

type Trouble = { readonly message: string; readonly remedy: string; readonly retry: "later" | "never"; readonly cause?: unknown }

function unreachable(error: Error): Trouble {
  const cause = error.cause instanceof Error ? error.cause : error
  const code = "code" in cause ? String(cause.code) : cause.name
  const words: { readonly [code: string]: string } = {
    ECONNREFUSED: "does not accept connections",
    ENOTFOUND: "cannot be found: its name is not known",
    EAI_AGAIN: "cannot be found: names cannot be looked up now",
    ECONNRESET: "broke the connection off",
    TimeoutError: "did not answer in time",
  }
  const message = words[code] ?? `cannot be reached (${cause.message || code})`
  return { message: `${message}.`, remedy: "Check that it runs and that the address is right.", retry: "later", cause: error }
}

function refusal(status: number, body: unknown): Trouble {
  const said = saidIn(body)
  const quoted = said === "" ? "" : `: ${said}`
  if (status === 401 || status === 403 || (status >= 300 && status < 400)) {
    return {
      message: `refused us (${status})${quoted}.`,
      remedy: "Give the token it was started with; `jupyter server list` shows it.",
      retry: "never",
    }
  }
  return { message: `answered ${status}${quoted}.`, remedy: "Its own log tells more.", retry: status >= 500 || status === 429 ? "later" : "never" }
}

function saidIn(body: unknown): string {
  const { message, reason } = (body ?? {}) as { readonly message?: unknown; readonly reason?: unknown }
  const text = [message, reason].find((one) => typeof one === "string" && one !== "")
  return typeof text === "string" ? text.trim().replace(/\.$/, "").slice(0, 500) : ""
}
