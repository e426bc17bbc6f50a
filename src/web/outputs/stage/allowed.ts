/** Which hosts this person lets outputs load from, until the tab is closed. */
const KEY = "stet-allowed-hosts"
const listeners = new Set<() => void>()
let hosts: readonly string[] | undefined

export function allowedHosts(): readonly string[] {
  if (hosts) return hosts
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "[]")
    hosts = Array.isArray(kept) ? kept.filter((host): host is string => typeof host === "string") : []
  } catch {
    hosts = []
  }
  return hosts
}

export function allowHosts(more: readonly string[]): void {
  hosts = [...new Set([...allowedHosts(), ...more])].slice(-24)
  try {
    sessionStorage.setItem(KEY, JSON.stringify(hosts))
  } catch {
    // Without storage it holds until the page is left.
  }
  for (const listener of listeners) listener()
}

export function onAllowed(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
