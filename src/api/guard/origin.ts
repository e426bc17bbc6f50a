/** Whether a request comes from where it says: cross-site forms, scripts, pictures and rebound names are told apart here. Pure. */

export type Asked = {
  readonly method: string
  readonly host: string | undefined
  readonly origin: string | undefined
  /** Sec-Fetch-Site, -Mode and -Dest, as browsers send them. */
  readonly site: string | undefined
  readonly mode: string | undefined
  readonly dest: string | undefined
  readonly contentType: string | undefined
  /** The header that only our own client and scripts send. */
  readonly marked: boolean
  /** How the asker is known. A cookie comes along by itself; a token does not. */
  readonly by: "cookie" | "token" | "nothing"
  /** Pages take forms, which carry a token that is checked once they are read; the API takes none. */
  readonly surface: "page" | "api"
}

export type Place = {
  /** The origin people use, as a browser spells it: `https://stet.example`. */
  readonly origin: string
  /** Hosts that this server answers under; "any" where its address is not known. */
  readonly hosts: readonly string[] | "any"
}

export type OriginProblem = { readonly refused: "wrong_host" | "foreign_origin"; readonly why: string }

const SAFE = new Set(["GET", "HEAD"])

export function originProblem(asked: Asked, place: Place): OriginProblem | undefined {
  if (asked.host === undefined || (place.hosts !== "any" && !place.hosts.includes(asked.host.toLowerCase())))
    return { refused: "wrong_host", why: `This server does not go by the name ${asked.host ?? "(none)"}.` }
  return SAFE.has(asked.method) ? readProblem(asked) : writeProblem(asked, place)
}

/** Another site may send people here, but may not take in what is here as a script, picture, style or frame. */
function readProblem({ site, mode, dest, by }: Asked): OriginProblem | undefined {
  if (by === "token" || site === undefined || site === "same-origin" || site === "none") return undefined
  const isVisit = mode === "navigate" && dest === "document"
  return isVisit ? undefined : foreign("Another site may link to this but not take it in.")
}

function writeProblem(asked: Asked, place: Place): OriginProblem | undefined {
  const { origin, site, by, surface } = asked
  const own = place.hosts === "any" ? `${new URL(place.origin).protocol}//${asked.host}` : place.origin
  // The whole text is compared: every shorter comparison has been got past.
  if (origin !== undefined && !isOwn(origin, own, place))
    return foreign(`The request was made by a page of ${origin === "null" ? "an unknown origin" : "another origin"}.`)
  if (site !== undefined && site !== "same-origin" && site !== "none") return foreign("The request was made by a page of another site.")
  if (by === "token") return undefined
  // A browser says where a form comes from.
  if (surface === "page")
    return origin !== undefined || site === "same-origin" ? undefined : foreign("The browser did not say where the form comes from.")
  if (by === "nothing" || asked.marked || isJson(asked.contentType)) return undefined
  return foreign("A write with a session's cookie needs the header X-Stet or a body of application/json.")
}

function isOwn(origin: string, own: string, place: Place): boolean {
  if (origin === own) return true
  // On this machine itself, localhost and 127.0.0.1 are one place.
  return place.hosts !== "any" && place.hosts.some((host) => origin === `${new URL(own).protocol}//${host}`)
}

function foreign(why: string): OriginProblem {
  return { refused: "foreign_origin", why }
}

function isJson(type: string | undefined): boolean {
  return /^application\/json\b/iu.test(type ?? "")
}
