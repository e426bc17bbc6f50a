/** The API as the app asks it: the typed client, and what React is told of its answers. */
import { type QueryKey, queryOptions, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query"
import { ApiProblem, connect, type Request, Unreachable } from "#api/client.ts"
import type { Answered, RouteName } from "#api/contract.ts"
import { fetchNoting } from "#web/app/server.ts"
import { isSignedOut, noteSignedOut, signedInAgain } from "#web/app/sign-in.ts"

const client = connect({ url: globalThis.location?.origin ?? "http://localhost", tries: 3, fetch: watched })

/** The typed client. Who is signed out meanwhile signs in, and is where they were. */
export const api = client

async function watched(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const response = await fetchNoting(input, init)
  // A password that does not fit is a 401 as well.
  if (response.status === 401 && (await codeOf(response)) === "not_signed_in") noteSignedOut()
  return response
}

async function codeOf(response: Response): Promise<unknown> {
  const told: unknown = await response
    .clone()
    .json()
    .catch(() => undefined)
  return typeof told === "object" && told !== null && "code" in told ? told.code : undefined
}

/** One question and its answer, for `useQuery`, for a loader or for `queryClient.ensureQueryData`. */
export function asking<N extends RouteName>(name: N, request: Request<N>) {
  return queryOptions({
    queryKey: [name, request] as QueryKey,
    // The client's request is an intersection that TypeScript cannot rebuild from a spread.
    queryFn: ({ signal, client, queryKey }): Promise<Answered<N>> =>
      read(() => api.call(name, { ...request, signal } as Request<N>)).catch((error) => known<Answered<N>>(error, client.getQueryData(queryKey))),
    retry: (failures, error) => failures < 2 && error instanceof Unreachable,
  })
}

/** Who is signed out reads on once they are signed in again: a form that stands is not taken away for an answer that did not come. */
async function read<Value>(ask: () => Promise<Value>): Promise<Value> {
  try {
    return await ask()
  } catch (error) {
    if (!isSignedOut.get() || toldOf(error).code !== "not_signed_in") throw error
    await signedInAgain()
    return ask()
  }
}

/** Nor is it for a server that is away for a while: what was known stands, and is asked for anew when it is back. */
function known<Value>(error: unknown, before: Value | undefined): Value {
  if (error instanceof Unreachable && before !== undefined) return before
  throw error
}

/** What a route answers, kept for a moment and asked again when the window is looked at again. */
export function useApi<N extends RouteName>(name: N, request: Request<N>, options: { readonly enabled?: boolean; readonly everyMs?: number } = {}) {
  const { enabled = true, everyMs } = options
  return useQuery({ ...asking(name, request), enabled, ...(everyMs === undefined ? {} : { refetchInterval: everyMs }) })
}

/** Routes that give a list by pieces. */
type Listed = { readonly [N in RouteName]: Answered<N> extends { items: unknown[]; next: string | null } ? N : never }[RouteName]
type ItemOf<N extends Listed> = Answered<N> extends { items: (infer Item)[] } ? Item : never

/** A list that grows by pieces: `items` so far, `more()` for the next piece while `hasMore`. */
export function usePages<N extends Listed>(name: N, request: Request<N>, options: { readonly enabled?: boolean; readonly everyMs?: number } = {}) {
  const { enabled = true, everyMs } = options
  const found = useInfiniteQuery({
    queryKey: [name, "pages", request] as QueryKey,
    queryFn: ({ signal, pageParam }) => {
      const query = { ...(request as { readonly query?: object }).query, ...(pageParam === null ? {} : { cursor: pageParam }) }
      const ask = () => api.call(name, { ...request, query, signal } as unknown as Request<N>)
      return read(ask) as unknown as Promise<{ items: ItemOf<N>[]; next: string | null }>
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: (before) => before,
    retry: (failures, error) => failures < 2 && error instanceof Unreachable,
    enabled,
    ...(everyMs === undefined ? {} : { refetchInterval: everyMs }),
  })
  const items = found.data?.pages.flatMap((page) => page.items)
  return {
    items,
    error: found.error,
    isLoading: found.isPending,
    hasMore: found.hasNextPage,
    isFetchingMore: found.isFetchingNextPage,
    more: () => void found.fetchNextPage(),
    retry: () => void found.refetch(),
  }
}

/** Everything that was asked is asked again where it is shown. */
export function useForget(): () => Promise<void> {
  const queries = useQueryClient()
  return () => queries.invalidateQueries()
}

/** What went wrong, as the people who read it need it: what happened, and the one thing to do. */
export type Told = { readonly title: string; readonly detail: string; readonly remedy: string; readonly code: string; readonly reference: string }

export function toldOf(error: unknown): Told {
  if (error instanceof ApiProblem) {
    const { title, detail, remedy, code, instance, errors } = error.problem
    const wrong = errors.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join(" ")
    return { title, detail: [detail, wrong].filter(Boolean).join(" "), remedy, code, reference: instance }
  }
  if (error instanceof Unreachable)
    return {
      title: "The server does not answer",
      detail: "The connection to the server is gone, or it is starting again.",
      remedy: "Wait a moment and try again.",
      code: "unreachable",
      reference: "",
    }
  const detail = error instanceof Error ? error.message : String(error)
  return { title: "Something went wrong in this page", detail, remedy: "Load the page again.", code: "page", reference: "" }
}

/** Nothing is there, or one may not know of it: the two look the same. */
export function isAbsent(error: unknown): boolean {
  return error instanceof ApiProblem && (error.status === 404 || error.status === 403)
}
