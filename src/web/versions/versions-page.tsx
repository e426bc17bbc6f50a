/** The versions of a notebook, by day, with the runs between them; one of them looked at, or beside another. */

import { isAbsent, useApi } from "#web/app/api.ts"
import { one, useFilters } from "#web/app/filters.ts"
import { useGo } from "#web/app/go.tsx"
import { Page } from "#web/app/page.tsx"
import { useParam } from "#web/app/params.ts"
import { nameOf, notebookHref, spaceCrumb, versionsHref } from "#web/app/places.ts"
import { Problem } from "#web/app/problem.tsx"
import { SkeletonBox, SkeletonRows } from "#web/app/skeleton.tsx"
import { AskAccess } from "#web/space/ask-access.tsx"
import { Timeline } from "#web/versions/timeline-list.tsx"
import { useVersions, type VersionList } from "#web/versions/use-versions.ts"
import { VersionActions } from "#web/versions/version-actions.tsx"
import { VersionHead } from "#web/versions/version-head.tsx"
import { VersionSheet } from "#web/versions/version-sheet.tsx"
import css from "#web/versions/versions.module.css"

export function VersionsPage() {
  const id = useParam("notebook")
  const notebook = useApi("getNotebook", { params: { notebook: id } })
  const list = useVersions(id)
  if (notebook.data) return <Loaded notebook={withLatest(notebook.data, list)} list={list} />
  const { error, refetch } = notebook
  return (
    <Page title="Versions">
      {error ? isAbsent(error) ? <AskAccess to={{ notebook: id }} /> : <Problem error={error} retry={refetch} /> : <SkeletonRows rows={12} />}
    </Page>
  )
}

type Notebook = NonNullable<ReturnType<typeof useApi<"getNotebook">>["data"]>
type LoadedProps = { readonly notebook: Notebook; readonly list: VersionList }

/** What is known of the notebook may be from before the version that was just saved, which stands in the list. */
function withLatest(notebook: Notebook, { versions }: VersionList): Notebook {
  return { ...notebook, latest: Math.max(notebook.latest, versions[0]?.number ?? 0) }
}

function Loaded({ notebook, list }: LoadedProps) {
  const asked = useParam("version")
  const [filters, change] = useFilters()
  const go = useGo()
  const number = /^[1-9]\d{0,8}$/u.test(asked) ? Number(asked) : notebook.latest
  const version = useApi("getVersion", { params: { notebook: notebook.id, version: number } })
  const against = numberOf(one(filters, "against"))
  const crumbs = [
    spaceCrumb(notebook.space.name),
    { label: nameOf(notebook.path), href: notebookHref(notebook.id) },
    { label: "Versions", href: versionsHref(notebook.id) },
    ...(asked === "" ? [] : [{ label: `Version ${number}` }]),
  ]
  return (
    <Page
      title={`Version ${number} of ${notebook.title}`}
      crumbs={crumbs}
      width="full"
      actions={version.data && <VersionActions notebook={notebook} version={version.data} />}
    >
      <div className={css["frame"]} data-chosen={asked !== ""}>
        <nav className={css["list"]} aria-label="Versions by day">
          <Timeline
            list={list}
            notebook={notebook}
            at={number}
            against={against}
            onOpen={(next) => go(versionsHref(notebook.id, next))}
            onAgainst={(other) => change({ against: other === undefined ? undefined : String(other) })}
          />
        </nav>
        <div className={css["sheet"]}>
          {version.error ? (
            <Problem error={version.error} retry={version.refetch} />
          ) : version.data ? (
            <>
              <VersionHead notebook={notebook} version={version.data} against={against} onAgainst={(other) => change({ against: other })} />
              <VersionSheet notebook={notebook.id} version={version.data} against={against} />
            </>
          ) : (
            <SkeletonBox height={400} />
          )}
        </div>
      </div>
    </Page>
  )
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,8}$/u.test(text) ? Number(text) : undefined
}
