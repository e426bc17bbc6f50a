import * as openid from "openid-client"
import { Fault, toError } from "#base/fault.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import type { Claims, FlowValues, IdentityProvider } from "#people/ports.ts"
import { type PeopleRefusal, refuse } from "#people/refusal.ts"

export type OidcOptions = {
  readonly issuer: string
  readonly clientId: string
  /** Undefined or empty for a public client: PKCE alone then proves that the code came to whom it was for. */
  readonly clientSecret?: string | undefined
  /** Registered with the provider exactly so: the public address followed by the callback's path. */
  readonly redirectUri: string
  /** The claim that lists a person's groups; undefined: none is read. */
  readonly groupsClaim?: string | undefined
  /** Beside "openid". Default: profile email. */
  readonly scopes?: readonly string[]
}

const HOUR_MS = 3_600_000
/** By how much the provider's clock and ours may differ. */
const TOLERANCE_SECONDS = 60
/** A token older than this was not made for the sign-in that is under way (see FLOW_MS). */
const OLDEST_SECONDS = 660
// Made with a key that only the provider holds: "none" and the HS family, whose key a client could hold, are never accepted.
const ASYMMETRIC = /^(RS|PS|ES)(256|384|512)$|^EdDSA$|^Ed25519$/

/** OpenID Connect by `openid-client`: code flow, PKCE, state, nonce, discovery, and the ID token's signature always looked at. */
export function openIdProvider(options: OidcOptions): IdentityProvider {
  const configuration = discovered(options)
  return {
    issuer: options.issuer,
    async address({ state, nonce, verifier }) {
      const config = await configuration()
      const scope = ["openid", ...(options.scopes ?? ["profile", "email"])].join(" ")
      const code_challenge = await openid.calculatePKCECodeChallenge(verifier)
      const parameters = { redirect_uri: options.redirectUri, scope, state, nonce, code_challenge, code_challenge_method: "S256" }
      try {
        return openid.buildAuthorizationUrl(config, parameters).href
      } catch (error) {
        throw unreachable(error)
      }
    },
    async claims(query, flow) {
      const config = await configuration()
      try {
        return await trade(config, options, { query, flow })
      } catch (error) {
        return explained(error)
      }
    },
  }
}

/** What is known of the provider, asked anew each hour, and at once after it could not be reached. */
function discovered(options: OidcOptions): () => Promise<openid.Configuration> {
  const issuer = new URL(options.issuer)
  const isLoopback = ["127.0.0.1", "[::1]", "localhost"].includes(issuer.hostname)
  if (issuer.protocol !== "https:" && !isLoopback)
    throw new Fault("identity_provider", `The identity provider ${issuer.origin} has no https address.`, {
      remedy: "Set STET_OIDC_ISSUER to the https:// address that it gives itself.",
    })
  let known: { readonly at: number; readonly config: Promise<openid.Configuration> } | undefined
  return async () => {
    if (known && Date.now() - known.at < HOUR_MS) return known.config
    const config = discover(issuer, options, isLoopback && issuer.protocol === "http:")
    known = { at: Date.now(), config }
    config.catch(() => {
      known = undefined
    })
    return config
  }
}

async function discover(issuer: URL, { clientId, clientSecret }: OidcOptions, insecure: boolean): Promise<openid.Configuration> {
  const metadata = { [openid.clockTolerance]: TOLERANCE_SECONDS }
  const proof = clientSecret ? openid.ClientSecretBasic(clientSecret) : openid.None()
  const execute = insecure ? [openid.allowInsecureRequests, openid.enableNonRepudiationChecks] : [openid.enableNonRepudiationChecks]
  try {
    return await openid.discovery(issuer, clientId, metadata, proof, { execute, timeout: 10 })
  } catch (error) {
    throw unreachable(error)
  }
}

type Callback = { readonly query: string; readonly flow: FlowValues }

async function trade(config: openid.Configuration, options: OidcOptions, { query, flow }: Callback): Promise<Outcome<Claims, PeopleRefusal>> {
  const back = new URL(options.redirectUri)
  back.search = query
  const tokens = await openid.authorizationCodeGrant(config, back, {
    expectedState: flow.state,
    expectedNonce: flow.nonce,
    pkceCodeVerifier: flow.verifier,
    idTokenExpected: true,
  })
  const token = tokens.claims()
  if (!token) return untrue("it sent no ID token")
  const wrong = whatIsWrong(token, algorithmOf(tokens.id_token ?? ""), options.clientId)
  if (wrong !== undefined) return untrue(wrong)
  const more = await userInfo(config, tokens.access_token, token, options)
  return accepted(claimsOf(options, token, { ...more, ...token }))
}

/** What the library leaves to its caller. */
function whatIsWrong(token: openid.IDToken, algorithm: string, clientId: string): string | undefined {
  const now = Date.now() / 1000
  const audience = [token.aud].flat()
  if (!ASYMMETRIC.test(algorithm)) return `its ID token is signed by ${algorithm === "" ? "nothing" : "an algorithm that is not accepted"}`
  if (!/^[^\p{Cc}\p{Cs}]{1,255}$/u.test(token.sub)) return "its ID token names nobody"
  if (!audience.includes(clientId)) return "its ID token is for another application"
  if (audience.length > 1 && token.azp === undefined) return "its ID token is for several applications and names none"
  if (token.azp !== undefined && token.azp !== clientId) return "its ID token was given to another application"
  if (token.iat > now + TOLERANCE_SECONDS) return "its clock is ahead of ours"
  if (token.iat < now - OLDEST_SECONDS) return "its ID token is old"
  return undefined
}

function algorithmOf(token: string): string {
  const header: unknown = JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString("utf8"))
  return typeof header === "object" && header !== null && "alg" in header ? String(header.alg) : ""
}

/** Many providers put e-mail and groups only there. */
async function userInfo(config: openid.Configuration, access: string, token: openid.IDToken, { groupsClaim }: OidcOptions) {
  const complete = token["email"] !== undefined && (groupsClaim === undefined || token[groupsClaim] !== undefined)
  if (complete || config.serverMetadata().userinfo_endpoint === undefined) return {}
  return openid.fetchUserInfo(config, access, token.sub)
}

function claimsOf({ issuer, groupsClaim }: OidcOptions, token: openid.IDToken, all: { readonly [claim: string]: unknown }): Claims {
  const text = (claim: string) => (typeof all[claim] === "string" && all[claim] !== "" ? all[claim] : undefined)
  const groups = groupsClaim === undefined ? undefined : all[groupsClaim]
  return {
    issuer,
    subject: token.sub,
    name: text("name") ?? text("preferred_username"),
    email: text("email")?.trim().toLowerCase(),
    // Some send the word "true"; only the value itself counts, since a takeover hangs on it.
    emailVerified: all["email_verified"] === true,
    groups: groups === undefined ? undefined : [groups].flat().filter((each) => typeof each === "string"),
  }
}

/** A provider that says no, or says what is not true, is a refusal; one that is away is a Fault. Neither repeats a token. */
function explained(error: unknown): Outcome<never, PeopleRefusal> {
  const { code, error: said } = (error ?? {}) as { readonly code?: unknown; readonly error?: unknown }
  if (error instanceof openid.AuthorizationResponseError) return untrue(`it said ${word(said)}`)
  if (error instanceof openid.ResponseBodyError && error.status < 500) return untrue(`it said ${word(said)}`)
  if (error instanceof openid.ResponseBodyError || isNetwork(error)) throw unreachable(error)
  return untrue(`its answer did not hold (${word(code)})`)
}

function isNetwork(error: unknown): boolean {
  const { code, name } = toError(error) as Error & { readonly code?: unknown }
  return name === "TimeoutError" || code === "OAUTH_TIMEOUT" || (error instanceof TypeError && code === undefined) || isServerError(error)
}

function isServerError(error: unknown): boolean {
  const cause = (error as { readonly cause?: unknown }).cause
  return cause instanceof Response && cause.status >= 500
}

/** At most what a code looks like: nothing that a provider sends is shown as it is. */
function word(text: unknown): string {
  return /^[A-Za-z0-9_.-]{1,60}$/.test(String(text)) ? String(text) : "no"
}

function untrue(why: string) {
  return refuse(
    "single_sign_on_refused",
    `The identity provider's answer was not accepted: ${why}. Begin again, and if it stays so, tell your administrator.`,
  )
}

function unreachable(error: unknown): Fault {
  return new Fault("identity_provider", "The identity provider cannot be reached, or is not set up as it should be.", {
    cause: error,
    retry: "later",
    remedy: "Try again in a minute; if it stays so, look at STET_OIDC_ISSUER and at the provider itself.",
  })
}
