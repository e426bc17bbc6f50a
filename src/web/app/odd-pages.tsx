/** What is shown in the place of a screen. */
import { Button } from "@mantine/core"
import { Empty } from "#web/app/empty.tsx"
import { Go } from "#web/app/go.tsx"
import { Page } from "#web/app/page.tsx"
import { Problem } from "#web/app/problem.tsx"
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
  return (
    <Page title="Problem">
      <Problem error={error} retry={reset} />
    </Page>
  )
}

export function Coming() {
  return (
    <Page title="Stet" crumbs={[]}>
      <SkeletonText />
    </Page>
  )
}
