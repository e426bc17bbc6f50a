import { Button } from "@mantine/core"
import { isAbsent } from "#web/app/api.ts"
import { Empty } from "#web/app/empty.tsx"
import { Go } from "#web/app/go.tsx"
import { Problem } from "#web/app/problem.tsx"

/** In the place of all of a page: nobody who followed a link is left where nothing leads on. */
export function PageProblem({ error, retry }: { readonly error: unknown; readonly retry: () => unknown }) {
  if (!isAbsent(error)) return <Problem error={error} retry={retry} />
  const home = (
    <Button component={Go} href="/">
      Go home
    </Button>
  )
  return (
    <Empty title="Nothing here that you may see" actions={home}>
      It may not exist any more, or you may have no role in it. Ask whoever gave you this address.
    </Empty>
  )
}
