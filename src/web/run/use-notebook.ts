/** A notebook that is read away from the page: its outline at once, the outputs of a cell when it is shown. */
import { useQuery } from "@tanstack/react-query"
import { useEffect, useState } from "react"
import type { LiveOutput } from "#api/live.ts"
import { reader } from "#web/run/reading/reader.ts"

/** The bytes of an address never change, so what was read of it stays. */
export function useOutline(url: string | undefined) {
  return useQuery({
    queryKey: ["outline", url],
    queryFn: () => reader.outline(url ?? ""),
    enabled: url !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
}

export type OutputsAsked = { readonly outputs: readonly LiveOutput[] | undefined; readonly problem: string | undefined }

/** `url` undefined: nothing is asked. */
export function useOutputs(url: string | undefined, cell: number): OutputsAsked {
  const [asked, setAsked] = useState<OutputsAsked>({ outputs: undefined, problem: undefined })
  useEffect(() => {
    if (url === undefined) return
    let isWanted = true
    reader.outputs(url, cell).then(
      (outputs) => isWanted && setAsked({ outputs, problem: undefined }),
      (error: unknown) => isWanted && setAsked({ outputs: undefined, problem: error instanceof Error ? error.message : String(error) }),
    )
    return () => {
      isWanted = false
    }
  }, [url, cell])
  return asked
}
