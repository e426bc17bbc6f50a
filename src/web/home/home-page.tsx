/** The first screen: the notebooks one works with, and, on the first day, what to do. */
import { Button } from "@mantine/core"
import { IconFilePlus, IconUpload } from "@tabler/icons-react"
import { lazy, Suspense, useState } from "react"
import type { Query } from "#api/contract.ts"
import { useApi, usePages } from "#web/app/api.ts"
import { Empty } from "#web/app/empty.tsx"
import { one, useFilters } from "#web/app/filters.ts"
import { isAtLeast, useMe } from "#web/app/me.ts"
import { Page } from "#web/app/page.tsx"
import { Problem } from "#web/app/problem.tsx"
import { SkeletonRows } from "#web/app/skeleton.tsx"
import { HeadWithViews } from "#web/app/views.tsx"
import { FirstSteps } from "#web/home/first-steps.tsx"
import { asked, isNarrowed, NoneLikeThis, NotebookFilters } from "#web/notebooks/notebook-filters.tsx"
import { NotebookTable, orderOf } from "#web/notebooks/notebook-table.tsx"
import { NewNotebookDialog } from "#web/space/new-notebook-dialog.tsx"
import { UploadDialog } from "#web/space/upload-dialog.tsx"

const VIEWS = [
  ["recent", "Recent"],
  ["mine", "Mine"],
  ["shared", "Shared with me"],
  ["templates", "Templates"],
] as const
type View = (typeof VIEWS)[number][0]

const HomeTemplates = lazy(() => import("#web/home/home-templates.tsx").then((part) => ({ default: part.HomeTemplates })))

export function HomePage() {
  const [open, setOpen] = useState<"new" | "upload">()
  const mayWrite = useMayWrite()
  const actions = mayWrite && (
    <>
      <Button leftSection={<IconUpload size={15} aria-hidden="true" />} onClick={() => setOpen("upload")}>
        Upload
      </Button>
      <Button variant="filled" leftSection={<IconFilePlus size={15} aria-hidden="true" />} onClick={() => setOpen("new")}>
        New notebook
      </Button>
    </>
  )
  return (
    <Page title="Home" actions={actions}>
      <FirstSteps mayWrite={mayWrite} onNew={() => setOpen("new")} />
      <Views mayWrite={mayWrite} onNew={() => setOpen("new")} onUpload={() => setOpen("upload")} />
      {open === "new" && <NewNotebookDialog onClose={() => setOpen(undefined)} />}
      {open === "upload" && <UploadDialog onClose={() => setOpen(undefined)} />}
    </Page>
  )
}

/** Somewhere; as long as it is not known, they may. */
function useMayWrite(): boolean {
  const me = useMe()
  const { data } = useApi("listSpaces", { query: {} })
  return me.isAdmin || data === undefined || data.items.some(({ role }) => isAtLeast(role, "editor"))
}

type Actions = { readonly mayWrite: boolean; readonly onNew: () => void; readonly onUpload: () => void }

function Views(actions: Actions) {
  const [filters, change] = useFilters()
  const view = VIEWS.find(([name]) => name === one(filters, "show"))?.[0] ?? "recent"
  return (
    <section aria-labelledby="listed">
      <HeadWithViews views={VIEWS} at={view} onView={(name) => change({ show: name === "recent" ? undefined : name, owner: undefined })}>
        <h1 id="listed">{view === "templates" ? "Templates" : "Notebooks"}</h1>
      </HeadWithViews>
      {view === "templates" ? (
        <Suspense fallback={<SkeletonRows rows={4} />}>
          <HomeTemplates />
        </Suspense>
      ) : (
        <Notebooks view={view} {...actions} />
      )}
    </section>
  )
}

type NotebooksProps = Actions & { readonly view: Exclude<View, "templates"> }

function Notebooks({ view, ...actions }: NotebooksProps) {
  const me = useMe()
  const [filters] = useFilters()
  const { order, reversed } = orderOf(filters, "updated")
  const query: Query<"listNotebooks"> = {
    limit: 50,
    order,
    ...(reversed ? { reversed: "true" } : {}),
    ...asked(filters, me.person.id),
    ...only(view, me.person.id),
  }
  const { items, error, isLoading, hasMore, more, isFetchingMore, retry } = usePages("listNotebooks", { query })
  return (
    <>
      <NotebookFilters />
      {error ? <Problem error={error} retry={retry} /> : null}
      {isLoading && <SkeletonRows rows={8} />}
      {items && items.length > 0 && <NotebookTable notebooks={items} usualOrder="updated" />}
      {items?.length === 0 && <Nothing view={view} {...actions} />}
      {hasMore && (
        <Button mt={16} loading={isFetchingMore} onClick={more}>
          Show more
        </Button>
      )}
    </>
  )
}

function only(view: View, me: string): Query<"listNotebooks"> {
  if (view === "mine") return { owner: me }
  return view === "shared" ? { sharedWithMe: "true" } : {}
}

function Nothing({ view, mayWrite, onNew, onUpload }: NotebooksProps) {
  const [filters] = useFilters()
  if (isNarrowed(filters)) return <NoneLikeThis />
  if (view === "shared")
    return (
      <Empty title="Nothing was shared with you by itself">
        Here stand notebooks on which somebody gave you a role. What you see by a space stands under <em>Recent</em> and in the space.
      </Empty>
    )
  if (!mayWrite)
    return (
      <Empty title="Nothing that you may see yet">
        Whoever administers a space gives you a role in it, or on one notebook: what you may read then stands here. If somebody sent you the address
        of a notebook, open it, and ask for access there.
      </Empty>
    )
  return (
    <Empty
      title={view === "mine" ? "You own no notebook yet" : "No notebooks yet"}
      actions={
        <>
          <Button variant="filled" onClick={onNew}>
            New notebook
          </Button>
          <Button onClick={onUpload}>Upload .ipynb files</Button>
        </>
      }
    >
      Write the first one here, or bring the ones you have: every <code>.ipynb</code> is taken as it is, a zip archive with its folders.
    </Empty>
  )
}
