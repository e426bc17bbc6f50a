/**
 * `http://` and `https://`, reading only.
 *
 * A name is resolved once, every address it has is checked, and the socket goes to those addresses and no others: what
 * was checked is what is connected to, however the host was spelled and whatever the name means a second later. Each
 * redirect is a new address and treated as one. (The built-in `fetch` can do neither, hence node:http.)
 */
import { lookup } from "node:dns/promises"
import { type ClientRequest, request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http"
import { request as httpsRequest } from "node:https"
import { createGunzip } from "node:zlib"
import { Fault, type FaultOptions, isFault, toError } from "#base/fault.ts"
import { isPublic } from "#run/adapters/storage/addresses.ts"
import { githubToken, rawGithubAddress } from "#run/adapters/storage/github.ts"
import { withoutSecrets } from "#run/storage.ts"

export type Resolved = { readonly address: string; readonly family: number }

export type HttpOptions = {
  readonly allowPrivateAddresses?: boolean
  readonly env: { readonly [name: string]: string | undefined }
  /** The longest silence (connecting included), default 30 s. */
  readonly silenceMs?: number
  /** The longest a whole read may take, default 10 min. */
  readonly totalMs?: number
  /** Default 512 MB, counted after decompression. */
  readonly maxBytes?: number
  /** Default: the system's resolver. */
  readonly resolve?: (host: string) => Promise<readonly Resolved[]>
  /** Certificates to trust beside the built-in ones, PEM. */
  readonly ca?: string
}

const MAX_REDIRECTS = 5
const MAX_BYTES = 512 * 1024 * 1024

/** @throws Fault storage_unreadable, storage_forbidden */
export async function readHttp(uri: string, options: HttpOptions): Promise<Uint8Array> {
  const late = new AbortController()
  const totalMs = options.totalMs ?? 600_000
  const timer = setTimeout(
    () => late.abort(new Fault("storage_unreadable", `${withoutSecrets(uri)} took longer than ${totalMs / 1000} s.`, { retry: "later" })),
    totalMs,
  )
  try {
    const response = await follow(parseAddress(uri), { ...options, signal: late.signal })
    return await bodyOf(response, uri, options.maxBytes ?? MAX_BYTES)
  } catch (error) {
    throw late.signal.aborted ? late.signal.reason : networkFault(error, uri)
  } finally {
    clearTimeout(timer)
  }
}

type Call = HttpOptions & { readonly signal: AbortSignal }

function parseAddress(uri: string, base?: URL): URL {
  const url = URL.parse(uri, base?.href)
  if (!url) throw unreadable(`${withoutSecrets(uri)} is not a valid web address.`, "Check its spelling.")
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw unreadable(`${base ? withoutSecrets(base.href) : uri} leads to ${url.protocol}//, which Stet does not follow.`, "Give the final address.")
  }
  return rawGithubAddress(url)
}

async function follow(start: URL, call: Call): Promise<IncomingMessage> {
  let url = start
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    // Credentials belong to the origin they were given for; a redirect elsewhere goes without.
    const response = await ask(url, call, url.origin === start.origin ? start : undefined)
    const status = response.statusCode ?? 0
    const location = response.headers.location
    if (![301, 302, 303, 307, 308].includes(status) || !location) return response
    response.destroy()
    url = parseAddress(location, url)
  }
  throw unreadable(`${withoutSecrets(start.href)} redirects more than ${MAX_REDIRECTS} times.`, "Give the final address.")
}

async function ask(url: URL, call: Call, credentialsOf: URL | undefined): Promise<IncomingMessage> {
  const addresses = await vettedAddresses(url, call)
  const options: RequestOptions & { servername?: string; ca?: string[] } = {
    method: "GET",
    agent: false,
    signal: call.signal,
    headers: headersFor(url, credentialsOf, call.env),
    // Node calls this for names; an address in the URL is connected to as it stands, and it stood the same check.
    lookup: (_host, how, give) => (how.all ? give(null, [...addresses]) : give(null, addresses[0]!.address, addresses[0]!.family)),
    ...(call.ca === undefined ? {} : { ca: [call.ca] }),
  }
  const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(withoutUserInfo(url), options)
  return respond(request, url, call.silenceMs ?? 30_000)
}

function withoutUserInfo(url: URL): URL {
  const bare = new URL(url)
  bare.username = ""
  bare.password = ""
  bare.hash = ""
  return bare
}

function headersFor(url: URL, credentialsOf: URL | undefined, env: HttpOptions["env"]): Record<string, string> {
  const headers: Record<string, string> = {
    accept: "application/x-ipynb+json, application/json, */*;q=0.5",
    "accept-encoding": "gzip",
    "user-agent": "stet",
  }
  const token = githubToken(url, env)
  if (token) headers["authorization"] = `token ${token}`
  else if (credentialsOf && (credentialsOf.username || credentialsOf.password)) {
    const pair = `${decodeURIComponent(credentialsOf.username)}:${decodeURIComponent(credentialsOf.password)}`
    headers["authorization"] = `Basic ${Buffer.from(pair).toString("base64")}`
  }
  return headers
}

async function vettedAddresses(url: URL, call: Call): Promise<readonly Resolved[]> {
  const host = url.hostname.replace(/^\[|\]$/g, "")
  const addresses = await (call.resolve ?? ((name: string) => lookup(name, { all: true })))(host)
  if (addresses.length === 0) throw unreadable(`The name ${host} has no address.`, "Check its spelling.")
  // One refused address among several refuses them all: a name that is half inside is a trap, not a mirror.
  const refused = call.allowPrivateAddresses ? undefined : addresses.find(({ address }) => !isPublic(address))
  if (!refused) return addresses
  throw new Fault("storage_forbidden", `${host} stands for ${refused.address}, which is not an address of the public internet.`, {
    remedy: "If you meant a server of your own network, allow private addresses.",
  })
}

function respond(request: ClientRequest, url: URL, silenceMs: number): Promise<IncomingMessage> {
  return new Promise((done, fail) => {
    const silent = new Fault("storage_unreadable", `${withoutSecrets(url.href)} was silent for ${silenceMs / 1000} s.`, { retry: "later" })
    // The socket's own time-out starts when it is connected; this one covers connecting too.
    let timer = setTimeout(() => request.destroy(silent), silenceMs)
    request.on("error", fail)
    request.on("close", () => clearTimeout(timer))
    request.on("response", (response) => {
      clearTimeout(timer)
      timer = setTimeout(() => response.destroy(silent), silenceMs)
      response.on("data", () => timer.refresh())
      response.pause()
      done(response)
    })
    request.end()
  })
}

async function bodyOf(response: IncomingMessage, uri: string, maxBytes: number): Promise<Uint8Array> {
  const shown = withoutSecrets(uri)
  try {
    if (response.statusCode !== 200) throw statusFault(response, shown)
    const announced = Number(response.headers["content-length"] ?? 0)
    if (announced > maxBytes) throw tooLarge(shown, maxBytes)
    const pieces: Uint8Array[] = []
    let size = 0
    for await (const piece of decoded(response, shown)) {
      size += piece.length
      if (size > maxBytes) throw tooLarge(shown, maxBytes)
      pieces.push(piece)
    }
    const bytes = Buffer.concat(pieces)
    if (looksLikePage(bytes))
      throw unreadable(`${shown} is a web page, not a file that Stet can use.`, "Give the address of the file itself (often called raw or download).")
    return bytes
  } finally {
    response.destroy()
  }
}

function decoded(response: IncomingMessage, shown: string): AsyncIterable<Uint8Array> {
  const coding = (response.headers["content-encoding"] ?? "identity").toLowerCase()
  if (coding === "identity" || coding === "") return response
  if (coding !== "gzip" && coding !== "x-gzip")
    throw unreadable(`${shown} came in the encoding ${coding}, which was not asked for.`, "Download it by other means.")
  const gunzip = createGunzip()
  response.on("error", (error) => gunzip.destroy(error))
  return response.pipe(gunzip)
}

function looksLikePage(bytes: Buffer): boolean {
  return /^\uFEFF?\s*(<!--[\s\S]*?-->\s*)*<(!doctype\s+html|html|head)\b/i.test(bytes.subarray(0, 4096).toString("utf8"))
}

function statusFault(response: IncomingMessage, shown: string): Fault {
  const status = response.statusCode ?? 0
  const message = `${shown} answered ${status} ${response.statusMessage ?? ""}`.trimEnd()
  if (status === 401 || status === 403 || status === 407) {
    return new Fault("storage_forbidden", `${message}: it wants other credentials than it was given.`, {
      remedy: "Give them in the address (https://user:password@…), for GitHub in GITHUB_ACCESS_TOKEN, or download the file first.",
    })
  }
  if (status === 404 || status === 410) return unreadable(`${message}: there is nothing at that address.`, "Check the address.")
  const later = status === 408 || status === 425 || status === 429 || status >= 500
  return new Fault("storage_unreadable", `${message}.`, later ? { retry: "later", remedy: "Try again later." } : { remedy: "Check the address." })
}

function tooLarge(shown: string, maxBytes: number): Fault {
  return unreadable(`${shown} is larger than ${Math.round(maxBytes / 1024 / 1024)} MB.`, "Download it first, and give the local path.")
}

function unreadable(message: string, remedy: string, options: FaultOptions = {}): Fault {
  return new Fault("storage_unreadable", message, { ...options, remedy })
}

const NETWORK: { readonly [code: string]: string } = {
  ENOTFOUND: "its host name is not known",
  EAI_AGAIN: "its host name could not be looked up just now",
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the connection broke",
  ETIMEDOUT: "the connection timed out",
  EHOSTUNREACH: "there is no way to that host",
  ENETUNREACH: "there is no way to that network",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is signed by itself (trust it with NODE_EXTRA_CA_CERTS)",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate chain ends in one that is not trusted (trust it with NODE_EXTRA_CA_CERTS)",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate cannot be verified (trust its issuer with NODE_EXTRA_CA_CERTS)",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
}
const NEVER_BETTER = /^(ENOTFOUND|ERR_|CERT_|DEPTH_|SELF_|UNABLE_)/

function networkFault(error: unknown, uri: string): Fault {
  if (isFault(error)) return error
  const code = String((error as NodeJS.ErrnoException).code ?? "")
  return unreadable(`${withoutSecrets(uri)} could not be read: ${NETWORK[code] ?? toError(error).message}.`, "Check the address and the network.", {
    cause: error,
    retry: NEVER_BETTER.test(code) ? "never" : "later",
  })
}
