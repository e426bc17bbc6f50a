/** A notebook that is read away from the page: its outline at once, the outputs of a cell when it is shown. */
import { queryOptions, skipToken, useQuery } from "@tanstack/react-query"
import { useEffect, useState } from "react"
import type { LiveOutput } from "#api/live.ts"
import { nameOfSource, reader, type Source } from "#web/run/reading/reader.ts"

export function useOutline(source: Source | undefined) {
  return useQuery(outlineAsked(source))
}

/** The question and its answer, also for who asks before it is shown. */
export function outlineAsked(source: Source | undefined) {
  return queryOptions({
    queryKey: ["outline", source],
    queryFn: source ? () => reader.outline(source) : skipToken,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
}

export type OutputsAsked = { readonly outputs: readonly LiveOutput[] | undefined; readonly problem: string | undefined }

/** Without a source nothing is asked. */
export function useOutputs(source: Source | undefined, cell: number): OutputsAsked {
  const [asked, setAsked] = useState<OutputsAsked>({ outputs: undefined, problem: undefined })
  // biome-ignore lint/correctness/useExhaustiveDependencies: a source is what its name says
  useEffect(() => {
    if (!source) return
    let isWanted = true
    reader.outputs(source, cell).then(
      (outputs) => isWanted && setAsked({ outputs, problem: undefined }),
      (error: unknown) => isWanted && setAsked({ outputs: undefined, problem: error instanceof Error ? error.message : String(error) }),
    )
    return () => {
      isWanted = false
    }
  }, [source && nameOfSource(source), cell])
  return asked
}
