/**
 * The way out, to addresses that people gave. A name is resolved for each try, every address it has is checked, and the socket goes to
 * those and no others, so that what was checked is what is connected to; nothing is followed to another place.
 */
import { createHmac } from "node:crypto"
import { lookup } from "node:dns/promises"
import { request as httpRequest, type RequestOptions } from "node:http"
import { request as httpsRequest } from "node:https"
import type { Outbound } from "#template/ports.ts"

export type OutboundOptions = {
  /** Where people reach the platform. */
  readonly url: string
  /** Whether an address is one of the public internet. */
  readonly isPublic: (address: string) => boolean
  readonly allowPrivateAddresses: boolean
  /** smtp://user:password@host:587 or smtps://…; undefined: no mail is sent. */
  readonly smtp?: { readonly url: string; readonly from: string } | undefined
  /** Default: the system's resolver. */
  readonly resolve?: (host: string) => Promise<readonly Resolved[]>
  /** Default 15,000. */
  readonly timeoutMs?: number
}

type Resolved = { readonly address: string; readonly family: number }

export function outbound(options: OutboundOptions): Outbound {
  const mailer = mailerOf(options)
  return {
    url: options.url.replace(/\/+$/u, ""),
    hmac: (secret, text) => createHmac("sha256", secret).update(text).digest("hex"),
    post: (address, body, headers) => post(new URL(address), body, headers, options),
    mail: mailer,
  }
}

async function post(url: URL, body: string, headers: Readonly<Record<string, string>>, options: OutboundOptions): Promise<number> {
  const addresses = await vetted(url, options)
  const timeoutMs = options.timeoutMs ?? 15_000
  const how: RequestOptions = {
    method: "POST",
    agent: false,
    signal: AbortSignal.timeout(timeoutMs),
    headers: { ...headers, "content-length": Buffer.byteLength(body), "user-agent": "stet" },
    lookup: (_host, how, give) => (how.all ? give(null, [...addresses]) : give(null, addresses[0]!.address, addresses[0]!.family)),
  }
  return new Promise((resolve, reject) => {
    const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, how)
    request.on("response", (response) => {
      // What it says beside its status is nobody's affair, and may be without end.
      response.destroy()
      resolve(response.statusCode ?? 0)
    })
    request.on("error", (error: NodeJS.ErrnoException) => reject(new Error(wordsOf(error, timeoutMs))))
    request.end(body)
  })
}

async function vetted(url: URL, { resolve, isPublic, allowPrivateAddresses }: OutboundOptions): Promise<readonly Resolved[]> {
  const host = url.hostname.replace(/^\[|\]$/gu, "")
  const addresses = await (resolve ?? ((name) => lookup(name, { all: true })))(host).catch(() => [])
  if (addresses.length === 0) throw new Error(`The name ${host} has no address.`)
  // One that is refused among several refuses them all: a name that is half inside is a trap.
  const refused = allowPrivateAddresses ? undefined : addresses.find(({ address }) => !isPublic(address))
  if (refused) throw new Error(`${host} stands for ${refused.address}, which is not an address of the public internet.`)
  return addresses
}

function wordsOf(error: NodeJS.ErrnoException, timeoutMs: number): string {
  if (error.name === "AbortError" || error.name === "TimeoutError" || error.code === "ABORT_ERR")
    return `It did not answer within ${timeoutMs / 1000} s.`
  if (error.code === "ECONNREFUSED") return "Nothing listens there."
  return `It cannot be reached (${error.code ?? error.message}).`
}

function mailerOf({ smtp, timeoutMs = 15_000 }: OutboundOptions): Outbound["mail"] {
  if (!smtp) return () => Promise.reject(new Error("This platform sends no mail any more."))
  const { host } = new URL(smtp.url)
  return async ({ to, subject, text, about }) => {
    // Loaded when there is something to send.
    const { createTransport } = await import("nodemailer")
    const times = { connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs }
    const transport = createTransport({ url: smtp.url, disableFileAccess: true, disableUrlAccess: true, ...times })
    try {
      await transport.sendMail({ from: smtp.from, to, subject, text, messageId: `<${about}@stet.invalid>` })
    } catch (error) {
      throw new Error(`The mail server ${host} did not take it: ${(error as Error).message}`)
    } finally {
      transport.close()
    }
  }
}
