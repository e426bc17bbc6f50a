/** Which server a command speaks to, and as whom. */
import { type Client, connect } from "#api/client.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { lastValueOf, type Parsed } from "#cli/arguments.ts"
import type { Edge } from "#cli/edge.ts"
import type { Refusal } from "#cli/prepare.ts"

export type Connected = { readonly client: Client; readonly url: string; readonly token: string | undefined }

export function connected(parsed: Parsed, edge: Edge): Outcome<Connected, Refusal> {
  const local = edge.servers.local()
  const url = lastValueOf(parsed, "--server") ?? edge.env["STET_SERVER"] ?? local?.url
  if (!url)
    return refused({
      messages: ["no server is named, and none runs on this Stet home."],
      remedy: "Start one with `stet start`, or give --server URL.",
    })
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    return refused({
      messages: [`${JSON.stringify(url.replace(/\/\/[^/]*@/, "//•••@"))} is not the address of a server.`],
      remedy: "It begins with https:// or http://.",
    })
  const { origin, username, password } = new URL(url)
  if (username || password)
    return refused({
      messages: [`the address of the server at ${origin} holds a user name or password, which Stet does not take.`],
      remedy: "Leave them out, and give a token in STET_TOKEN or --token-file.",
    })
  const token = tokenFor(origin, parsed, edge)
  if (!token.ok) return token
  return accepted({ url, token: token.value, client: connect({ url, ...(token.value ? { token: token.value } : {}) }) })
}

function tokenFor(origin: string, parsed: Parsed, edge: Edge): Outcome<string | undefined, Refusal> {
  const path = lastValueOf(parsed, "--token-file")
  if (path !== undefined) {
    const text = edge.servers.readTokenFile(path)?.trim()
    if (text) return accepted(text)
    return refused({ messages: [`the token file ${path} cannot be read or is empty.`], remedy: "Give a file that holds nothing but the token." })
  }
  const local = edge.servers.local()
  const isLocal = local !== undefined && new URL(local.url).origin === origin
  return accepted(edge.env["STET_TOKEN"] ?? edge.servers.savedToken(origin) ?? (isLocal ? local.token : undefined))
}
