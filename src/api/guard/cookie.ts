/** The session's cookie. Pure. */

/**
 * Over TLS the name binds the cookie to this host and to TLS (RFC 6265bis, 4.1.3.2). Plain HTTP is only spoken on this machine itself,
 * where Safari takes no cookie marked Secure; cookies know no ports, so the port is part of the name.
 */
export function cookieName(url: URL): string {
  return url.protocol === "https:" ? "__Host-stet" : `stet-${url.port || "80"}`
}

/** The value; undefined when there is none, or when it stands there twice: then another host has planted one. */
export function cookieValue(header: string | undefined, name: string): string | undefined {
  const values = (header ?? "").split(";").flatMap((pair) => {
    const [key = "", ...rest] = pair.split("=")
    return key.trim() === name ? [rest.join("=").trim()] : []
  })
  return values.length === 1 && values[0] !== "" ? values[0] : undefined
}

export function setCookie({
  name,
  value,
  secure,
  maxAgeSeconds,
  path = "/",
}: {
  readonly name: string
  readonly value: string
  readonly secure: boolean
  readonly maxAgeSeconds: number
  readonly path?: string
}): string {
  return `${name}=${value}; Path=${path}; HttpOnly; SameSite=Lax; Max-Age=${Math.floor(maxAgeSeconds)}${secure ? "; Secure" : ""}`
}
