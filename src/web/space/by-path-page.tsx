/** A notebook by its space and path: `/n/sales/reports/Q3.ipynb`. Goes on to its address, which does not change when it is moved. */
import { useLocation } from "@tanstack/react-router"
import { useEffect } from "react"
import { isAbsent, useApi } from "#web/app/api.ts"
import { useGo } from "#web/app/go.tsx"
import { Page } from "#web/app/page.tsx"
import { folderAt, nameOf, notebookHref } from "#web/app/places.ts"
import { Problem } from "#web/app/problem.tsx"
import { SkeletonText } from "#web/app/skeleton.tsx"
import { AskAccess } from "#web/space/ask-access.tsx"

export function ByPathPage() {
  const { pathname, searchStr } = useLocation()
  const go = useGo()
  const { space, folder: path } = folderAt(pathname)
  const notebook = `${space}/${path}`
  const { data, error, refetch } = useApi("getNotebook", { params: { notebook } })
  useEffect(() => {
    if (data) go(`${notebookHref(data.id)}${searchStr}`, { replace: true })
  }, [data, go, searchStr])
  return (
    <Page title={nameOf(path)}>
      {error ? isAbsent(error) ? <AskAccess to={{ notebook }} /> : <Problem error={error} retry={refetch} /> : <SkeletonText />}
    </Page>
  )
}
