/**
 * Which hosts this person lets outputs load from, as the server keeps it for them: asked for once, when an output is first to be
 * drawn. Where it cannot be kept (nobody is signed in), it holds until the page is left.
 */
import { api } from "#web/app/api.ts"

const listeners = new Set<() => void>()
let hosts: readonly string[] = []
let asked: Promise<void> | undefined
let isKnown = false

/** None until it is known. */
export function allowedHosts(): readonly string[] {
  return hosts
}

export function isAllowedKnown(): boolean {
  return isKnown
}

export function knowAllowed(): Promise<void> {
  asked ??= api
    .call("listAllowedHosts", {})
    .then(({ items }) => change([...hosts, ...items.map(({ host }) => host)]))
    .catch(() => undefined)
    .finally(() => {
      isKnown = true
    })
  return asked
}

/** Here at once; what the server does not take is told by `trouble`, and holds until the page is left. */
export function allowHosts(more: readonly string[], trouble: (error: unknown) => void): void {
  change([...hosts, ...more])
  for (const host of more) api.call("allowHost", { params: { host } }).catch(trouble)
}

/** @throws ApiProblem, Unreachable */
export async function disallowHost(host: string): Promise<void> {
  await api.call("disallowHost", { params: { host } })
  change(hosts.filter((one) => one !== host))
}

export function onAllowed(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function change(now: readonly string[]): void {
  const next = [...new Set(now)].slice(-24)
  if (next.join() === hosts.join()) return
  hosts = next
  for (const listener of listeners) listener()
}
