/**
 * A set-up step that could not be done. `message` is one sentence: what happened and why; `remedy` the one thing to do next.
 */
export class SetupFailed extends Error {
  /**
   * @param {string} message
   * @param {string} remedy
   */
  constructor(message, remedy) {
    super(message)
    this.name = "SetupFailed"
    this.remedy = remedy
  }
}

/** @typedef {{ why: string, remedy: string, kind: "network" | "disk" | "other" }} Reason */

// What npm, pip and uv say when the world around them is in the way. The first that matches is the reason: a full disk
// also ends in "failed to fetch", so the narrow causes come before the wide ones.
/** @type {ReadonlyArray<readonly [RegExp, Reason["kind"], string, string]>} */
const REASONS = [
  [
    /ENOSPC|No space left on device|os error 28|Disk quota exceeded/i,
    "disk",
    "the disk is full",
    "free about 1 GB, or set STET_HOME to a directory on another disk",
  ],
  [
    /CERTIFICATE_VERIFY_FAILED|invalid peer certificate|UnknownIssuer|SELF_SIGNED_CERT|UNABLE_TO_(GET|VERIFY)|unable to get local issuer/i,
    "network",
    "the package index's certificate is not trusted",
    "name your organisation's certificates in NODE_EXTRA_CA_CERTS, PIP_CERT and SSL_CERT_FILE",
  ],
  [
    /ProxyError|proxy (authentication|connection|CONNECT)|407 Proxy|tunnel(ing)? (socket|connection|error)|Cannot connect to proxy/i,
    "network",
    "the proxy refused the connection",
    "correct HTTPS_PROXY, then try again",
  ],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|NewConnectionError|Connection refused|ConnectTimeout|ReadTimeout|timed out|Temporary failure in name resolution|Name or service not known|dns error|tcp connect error|Failed to fetch|error sending request|Network connectivity is disabled|Failed to establish a new connection|Could not connect/i,
    "network",
    "the package index cannot be reached",
    "connect this machine to the network, set HTTPS_PROXY if there is a proxy, or set PIP_INDEX_URL and npm's registry to your own mirror",
  ],
  [
    /\b40[13]\b.*(Unauthorized|Forbidden)|Unauthorized|ENEEDAUTH|E40[13]/i,
    "network",
    "the package index refused us",
    "give pip, uv or npm the credentials of your index",
  ],
  [
    /ensurepip is not available|No module named ensurepip/i,
    "other",
    "Python's venv module is incomplete",
    "install it (Debian, Ubuntu: apt install python3-venv)",
  ],
  [
    /No matching distribution|No solution found|ETARGET|E404|has no wheels/i,
    "other",
    "the package index lacks a package for this machine",
    "use a common Python (3.10 to 3.13) on a common platform, or your organisation's full mirror",
  ],
  [
    /EACCES|EPERM|EROFS|Permission denied|Read-only file system/i,
    "disk",
    "a directory may not be written",
    "set STET_HOME to a directory that you may write",
  ],
]

/**
 * Why a package tool failed, read from what it said.
 *
 * @param {string} output
 * @returns {Reason}
 */
export function reasonOf(output) {
  for (const [pattern, kind, why, remedy] of REASONS) if (pattern.test(output)) return { kind, why, remedy }
  return { kind: "other", why: lastWords(output), remedy: "read what it said above, then try again" }
}

/** @param {string} output */
function lastWords(output) {
  const lines = output.split("\n").map((line) => line.trim())
  const said = lines.filter((line) => line !== "" && !/^(npm (error|ERR!) )?A complete log/.test(line))
  return said.length === 0 ? "it said nothing" : `it said: ${said.slice(-3).join(" / ").slice(0, 300)}`
}
