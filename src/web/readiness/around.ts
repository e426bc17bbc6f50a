/** What stands around the open notebook where it would run, asked of the server once the notebook has been looked at. */
import type { Query } from "@tanstack/react-query"
import { asking } from "#web/app/api.ts"
import type { LiveState } from "#web/notebook/live-state.ts"
import type { Structure } from "#web/notebook/structure.ts"
import type { Around } from "#web/readiness/around-known.ts"

/** A worker that has just begun to use an environment asks what it has, which takes a moment; of some it is never known. */
const [ASK_AGAIN_MS, ASK_AGAIN_TIMES] = [3_000, 10]

/** `session`: which one lives, and in which environment; "" for none. Without one what the notebook asks for decides: `wish`. */
export function aroundAsked(notebook: string, { session, wish }: { readonly session: string; readonly wish: string }) {
  const asked = asking("getSurroundings", { params: { notebook } })
  return {
    ...asked,
    queryKey: [...asked.queryKey, session === "" ? wish : session],
    staleTime: 30_000,
    // Nothing is taken back while another session's, or another kernel's, is being asked.
    placeholderData: (before: Around | undefined) => before,
    refetchInterval: ({ state: { data, dataUpdateCount } }: Query<Around>) =>
      session !== "" && data && !data.environment?.modules && dataUpdateCount < ASK_AGAIN_TIMES ? ASK_AGAIN_MS : (false as const),
  }
}

/** What decides where the notebook would run: its kernel and the environment that it names. */
export function wishIn({ metadata }: Pick<Structure, "metadata">): string {
  const { kernelspec, language_info: language, stet } = metadata as Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>
  return JSON.stringify([kernelspec?.["name"], language?.["name"] ?? kernelspec?.["language"], stet?.["environment"]])
}

export function sessionIn({ session }: LiveState): string {
  return session === null || session.state === "lost" || session.state === "ended" ? "" : `${session.id} ${session.environment}`
}
