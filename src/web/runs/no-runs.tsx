import { Button } from "@mantine/core"
import { Empty } from "#web/app/empty.tsx"
import { Go } from "#web/app/go.tsx"
import { isFiltered, type RunsFilter } from "#web/runs/filter.ts"

/** Nothing ran, or nothing like this. */
export function NoRuns({ filter, onClear }: { readonly filter: RunsFilter; readonly onClear: () => void }) {
  if (isFiltered(filter))
    return (
      <Empty title="No run is like this" actions={<Button onClick={onClear}>Show all runs</Button>}>
        Take a filter away, or look further back.
      </Empty>
    )
  return (
    <Empty
      title="Nothing has run yet"
      actions={
        <Button component={Go} href="/spaces" variant="filled">
          Choose a notebook
        </Button>
      }
    >
      <p>Open a notebook and choose Run: it runs on the server, and its result stands here when you come back.</p>
      <pre style={{ marginTop: 10, overflowX: "auto" }}>stet run --server {globalThis.location.origin} space/notebook.ipynb -p name value</pre>
    </Empty>
  )
}
