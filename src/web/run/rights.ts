/** What is worth offering on a run's page; the server decides. */
import { useApi } from "#web/app/api.ts"
import { isAtLeast, useMe } from "#web/app/me.ts"

/** The role in the space says it for most; whoever has one on the notebook alone is asked of the server when they try. */
export function useMayRun(notebook: string, space: string): boolean {
  const found = useApi("getSpace", { params: { space } })
  const own = useApi("getNotebook", { params: { notebook } })
  return found.data ? isAtLeast(found.data.role, "runner") : own.data !== undefined
}

export function useMayEdit(space: string): boolean {
  return isAtLeast(useApi("getSpace", { params: { space } }).data?.role ?? null, "editor")
}

export function useMayPublish(space: string): boolean {
  const me = useMe()
  const { data } = useApi("getSpace", { params: { space } }, { enabled: me.publicResults })
  return me.publicResults && (me.isAdmin || isAtLeast(data?.role ?? null, "admin"))
}
