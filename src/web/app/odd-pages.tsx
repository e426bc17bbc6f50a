/** What is shown in the place of a screen. */
import { Button } from "@mantine/core"
import { useEffect, useRef } from "react"
import { Empty } from "#web/app/empty.tsx"
import { Go } from "#web/app/go.tsx"
import { Page } from "#web/app/page.tsx"
import { Problem } from "#web/app/problem.tsx"
import { server } from "#web/app/server.ts"
import { SkeletonText } from "#web/app/skeleton.tsx"

export function NoSuchPage() {
  return (
    <Page title="Nothing here">
      <Empty
        title="There is nothing at this address"
        actions={
          <Button component={Go} href="/">
            Go home
          </Button>
        }
      >
        It may have been moved or deleted, or the link is not complete.
      </Empty>
    </Page>
  )
}

export function Broken({ error, reset }: { readonly error: unknown; readonly reset: () => void }) {
  useReloadWhenBack()
  return (
    <Page title="Problem">
      <Problem error={error} retry={reset} />
    </Page>
  )
}

/** A part of the app that could not be brought is never asked for again by a browser that remembers that: the whole page is. */
function useReloadWhenBack(): void {
  const wasAway = useRef(server.isAway.get())
  useEffect(() => {
    // That it could not be brought may be the first sign.
    void server.look()
    return server.isAway.subscribe(() => {
      if (server.isAway.get()) wasAway.current = true
      else if (wasAway.current) globalThis.location.reload()
    })
  }, [])
}

export function Coming() {
  return (
    <Page title="Stet" crumbs={[]}>
      <SkeletonText isLate />
    </Page>
  )
}
