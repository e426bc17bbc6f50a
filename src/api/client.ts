/**
 * A typed client of the API, made from the contract: for the command line, and for a browser. It follows no redirect and speaks
 * to no host but the one it was given, because the token goes along.
 */
import { type Answered, type Body, CONTRACT, type Params, type Problem, type Query, type Route, type RouteName } from "#api/contract.ts"
import { serverSent } from "#api/event-stream.ts"

export type ClientOptions = {
  /** Where the server is: `https://stet.example`. */
  readonly url: string
  readonly token?: string
  /** How often a request that may be repeated is sent at most; default 4. */
  readonly tries?: number
  readonly fetch?: typeof fetch
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>
  readonly newKey?: () => string
}

/** Only what the route takes may be given, and must be where it has no default. */
export type Request<N extends RouteName> = Given<"params", Params<N>> &
  Given<"query", Query<N>> &
  Given<"body", Body<N> extends Uint8Array ? Uint8Array | Blob : Body<N>> & {
    readonly headers?: Readonly<Record<string, string>>
    /** Makes a launch happen once however often it is sent; made up when it is not given. */
    readonly idempotencyKey?: string
    readonly signal?: AbortSignal
  }
type Given<Name extends string, Value> = Value extends undefined
  ? object
  : Partial<Value> extends Value
    ? { readonly [K in Name]?: Value }
    : { readonly [K in Name]: Value }

export type Reply<N extends RouteName> = { readonly status: number; readonly headers: Headers; readonly value: Answered<N> }

export type StreamedEvent = { readonly seq: number; readonly attempt: number; readonly at: string; readonly type: string; readonly what: unknown }

export type Client = {
  /** @throws ApiProblem when the server refuses or fails; Unreachable when it does not answer */
  call<N extends RouteName>(name: N, request: Request<N>): Promise<Answered<N>>
  reply<N extends RouteName>(name: N, request: Request<N>): Promise<Reply<N>>
  /** The bytes as they come, for what does not fit into memory. */
  stream<N extends RouteName>(name: N, request: Request<N>): Promise<ReadableStream<Uint8Array>>
  /** The events of a run from the one after `after` on, over as many connections as it takes; ends after the run's last. */
  events(run: string, options?: { readonly after?: number; readonly signal?: AbortSignal }): AsyncGenerator<StreamedEvent>
}

/** The server said no, or failed. `problem.remedy` is the one thing to do next. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem"
  readonly status: number
  readonly problem: Problem
  /** Until the same may go well, as the server sees it. */
  readonly retryAfterMs: number | undefined
  constructor(problem: Problem, retryAfterMs?: number) {
    super([problem.detail, problem.remedy].filter((sentence) => sentence !== "").join(" "))
    this.status = problem.status
    this.problem = problem
    this.retryAfterMs = retryAfterMs
  }
}

/** No answer came that could be from Stet. */
export class Unreachable extends Error {
  override readonly name = "Unreachable"
}

type Sent = {
  readonly params?: object
  readonly query?: object
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly idempotencyKey?: string
  readonly signal?: AbortSignal
}
type Wire = Required<Pick<ClientOptions, "fetch" | "sleep" | "tries" | "newKey">> & { readonly url: URL; readonly token: string | undefined }

export function connect(options: ClientOptions): Client {
  const wire: Wire = {
    url: new URL(options.url.endsWith("/") ? options.url : `${options.url}/`),
    token: options.token,
    tries: options.tries ?? 4,
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    sleep: options.sleep ?? sleep,
    newKey: options.newKey ?? (() => globalThis.crypto.randomUUID()),
  }
  const client: Client = {
    call: async (name, request) => (await client.reply(name, request)).value,
    reply: async (name, request) => {
      const response = await send(wire, CONTRACT[name], request as Sent)
      return { status: response.status, headers: response.headers, value: (await answered(response, CONTRACT[name])) as Answered<typeof name> }
    },
    stream: async (name, request) => (await send(wire, CONTRACT[name], request as Sent)).body ?? new Blob([]).stream(),
    events: (run, where = {}) => events(wire, run, where),
  }
  return client
}

async function send(wire: Wire, route: Route, sent: Sent): Promise<Response> {
  const url = addressOf(wire.url, route, sent)
  const isLaunch = route.headers !== undefined && "idempotency-key" in route.headers.shape
  const keyed = isLaunch ? { ...sent, idempotencyKey: sent.idempotencyKey ?? wire.newKey() } : sent
  const init = requestOf(wire, route, keyed)
  const mayRepeat = isLaunch || route.repeatable === true || route.method !== "POST"
  for (let tried = 1; ; tried++) {
    const response = await wire.fetch(url, init).catch((error: unknown) => unreachable(url, error))
    if (response instanceof Response && response.ok) return response
    const wrong = response instanceof Response ? await problemOf(response) : response
    const isPassing = response instanceof Response ? PASSING.includes(response.status) && !isFull(wrong) : response.name !== "AbortError"
    if (!isPassing || !mayRepeat || tried >= wire.tries || sent.signal?.aborted) throw wrong
    await wire.sleep(response instanceof Response ? waitFor(response, tried) : 200 * 2 ** tried, sent.signal)
  }
}

const PASSING = [429, 502, 503, 504]

/** No run more is taken: whoever launches is told at once, and decides how long to wait for a place. */
export function isFull(error: unknown): error is ApiProblem {
  return error instanceof ApiProblem && error.problem.code === "queue_full"
}

/** Milliseconds until the request is sent again. */
function waitFor(response: Response, tried: number): number {
  const asked = retryAfterMs(response) ?? 0
  return asked > 0 && asked <= 60_000 ? asked : 200 * 2 ** tried
}

function retryAfterMs({ headers }: Response): number | undefined {
  const seconds = Number(headers.get("retry-after") ?? Number.NaN)
  return Number.isFinite(seconds) ? seconds * 1000 : undefined
}

function addressOf(base: URL, route: Route, { params = {}, query = {} }: Sent): URL {
  const given = new Map(Object.entries(params))
  const path = route.path.replace(/\{(\w+)\}/gu, (_, name: string) => {
    const text = String(given.get(name) ?? "")
    // A URL's "." and ".." are gone before anybody sees them, however they are spelled.
    if (text === "" || text === "." || text === "..") throw new TypeError(`${route.path} needs ${name}`)
    return encodeURIComponent(text)
  })
  const url = new URL(`.${path}`, base)
  for (const [name, value] of Object.entries(query))
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) url.searchParams.append(name, String(one))
  return url
}

function requestOf(wire: Wire, route: Route, sent: Sent): RequestInit {
  const headers = new Headers(sent.headers)
  headers.set("accept", "application/json, */*;q=0.5")
  // A page of another origin cannot send this without being asked for leave first.
  headers.set("x-stet", "1")
  if (wire.token !== undefined) headers.set("authorization", `Bearer ${wire.token}`)
  if (sent.idempotencyKey !== undefined) headers.set("idempotency-key", sent.idempotencyKey)
  if (route.body?.kind === "bytes" && !headers.has("content-type"))
    headers.set("content-type", route.body.mediaTypes[0]?.replace("*/*", "application/octet-stream") ?? "")
  const isJson = route.body?.kind === "json" && sent.body !== undefined
  if (isJson) headers.set("content-type", "application/json")
  return {
    method: route.method,
    headers,
    redirect: "manual",
    credentials: "same-origin",
    ...(sent.body === undefined ? {} : { body: isJson ? JSON.stringify(sent.body) : (sent.body as Uint8Array<ArrayBuffer> | Blob) }),
    ...(sent.signal === undefined ? {} : { signal: sent.signal }),
  }
}

async function answered(response: Response, route: Route): Promise<unknown> {
  const content = route.answers[response.status]?.content
  if (content?.kind === "json") return response.json().catch(() => Promise.reject(notStet(response)))
  if (content?.kind === "bytes") return new Uint8Array(await response.arrayBuffer())
  await response.body?.cancel()
  return undefined
}

function unreachable(url: URL, error: unknown): Error {
  if (error instanceof Error && error.name === "AbortError") return error
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
  return new Unreachable(`There is no answer from ${url.origin}: ${cause}.`, { cause: error })
}

async function problemOf(response: Response): Promise<Error> {
  if (response.status >= 300 && response.status < 400)
    return new Unreachable(`${placeOf(response)} sends elsewhere (${response.status}). Give the address that it sends to, if you trust it.`)
  const isProblem = response.headers.get("content-type")?.startsWith("application/problem+json") === true
  const told = isProblem ? ((await response.json()) as Problem) : undefined
  if (told) return new ApiProblem(told, retryAfterMs(response))
  await response.body?.cancel()
  return notStet(response)
}

function notStet(response: Response): Unreachable {
  return new Unreachable(`What answers at ${placeOf(response)} is not Stet (status ${response.status}). Look at the address.`)
}

function placeOf({ url }: Response): string {
  return URL.canParse(url) ? new URL(url).origin : "this address"
}

async function* events(
  wire: Wire,
  run: string,
  { after = 0, signal }: { readonly after?: number; readonly signal?: AbortSignal },
): AsyncGenerator<StreamedEvent> {
  let seq = after
  let failures = 0
  while (!signal?.aborted) {
    const sent = { params: { run }, headers: { accept: "text/event-stream", "last-event-id": String(seq) }, ...(signal ? { signal } : {}) }
    const response = await send(wire, CONTRACT.getEvents, sent)
    try {
      for await (const message of serverSent(chunksOf(response.body))) {
        if (message.event === "end") return
        if (message.event === "resync") break
        const event = JSON.parse(message.data) as StreamedEvent
        failures = 0
        if (event.seq <= seq) continue
        seq = event.seq
        yield event
      }
    } catch (error) {
      if (signal?.aborted || ++failures >= wire.tries) throw unreachable(wire.url, error)
    }
    await wire.sleep(200, signal)
  }
}

async function* chunksOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader()
  try {
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) yield part.value
  } finally {
    await reader?.cancel().catch(() => undefined)
  }
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener("abort", () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
