/** What lies in the trash, and how it comes back. */
import { Button, Select } from "@mantine/core"
import { api, useApi, useForget, usePages } from "#web/app/api.ts"
import { Empty } from "#web/app/empty.tsx"
import { one, useFilters } from "#web/app/filters.ts"
import { Page } from "#web/app/page.tsx"
import { Problem } from "#web/app/problem.tsx"
import { SkeletonRows } from "#web/app/skeleton.tsx"
import { Time } from "#web/app/time.tsx"
import { toast, toastError } from "#web/app/toast.tsx"
import tableCss from "#web/notebooks/notebook-table.module.css"

type Line = {
  readonly key: string
  readonly name: string
  readonly place: string
  readonly trashedAt: string | null
  readonly restore: () => Promise<unknown>
}

export function TrashPage() {
  const [filters, change] = useFilters()
  const space = one(filters, "space")
  const spaces = useApi("listSpaces", { query: {} })
  const gone = useApi("listSpaces", { query: { trashed: "true" } })
  const notebooks = usePages("listNotebooks", { query: { trashed: "true", order: "updated", ...(space === undefined ? {} : { space }) } })
  const files = usePages("listFiles", { query: { space: space ?? "", trashed: "true" } }, { enabled: space !== undefined })
  const lines: readonly Line[] = [
    ...(space === undefined ? (gone.data?.items ?? []) : []).map(({ id, name, title, trashedAt }) => ({
      key: id,
      name: title,
      place: `the space ${name}`,
      trashedAt,
      restore: () => api.call("restoreSpace", { params: { space: id } }),
    })),
    ...(notebooks.items ?? []).map(({ id, title, space: at, path, trashedAt }) => ({
      key: id,
      name: title,
      place: `${at.name}/${path}`,
      trashedAt,
      restore: () => api.call("restoreNotebook", { params: { notebook: id }, body: { onTaken: "number" as const } }),
    })),
    ...(files.items ?? []).map(({ id, path, space: at, trashedAt }) => ({
      key: id,
      name: path.slice(path.lastIndexOf("/") + 1),
      place: `${at.name}/${path}`,
      trashedAt,
      restore: () => api.call("restoreFile", { body: { file: id } }),
    })),
  ]
  const choices = (spaces.data?.items ?? []).map(({ name, title }) => ({ value: name, label: title }))
  return (
    <Page title="Trash" crumbs={[{ label: "Spaces", href: "/spaces" }, { label: "Trash" }]}>
      <h1>Trash</h1>
      <Select
        mt={12}
        mb={12}
        w={240}
        aria-label="Space"
        data={[{ value: "", label: "Notebooks of all spaces" }, ...choices]}
        value={space ?? ""}
        onChange={(value) => change({ space: value ?? "" })}
      />
      {notebooks.error ? <Problem error={notebooks.error} retry={notebooks.retry} /> : null}
      {notebooks.isLoading && <SkeletonRows rows={4} />}
      {notebooks.items && lines.length === 0 && (
        <Empty title="The trash is empty">
          What is put in the trash stands here until the server clears it away; its versions and results stay until then.
          {space === undefined ? " Choose a space to see its files as well." : ""}
        </Empty>
      )}
      {lines.length > 0 && <Lines lines={lines} />}
      {notebooks.hasMore && (
        <Button mt={16} onClick={notebooks.more}>
          Show more
        </Button>
      )}
    </Page>
  )
}

function Lines({ lines }: { readonly lines: readonly Line[] }) {
  const forget = useForget()
  const restore = async ({ name, restore: bring }: Line) => {
    try {
      await bring()
      await forget()
      toast(`“${name}” is back.`)
    } catch (error) {
      toastError(error)
    }
  }
  return (
    <div className={tableCss["scroll"]}>
      <table className={tableCss["table"]}>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">In the trash since</th>
            <th scope="col">
              <span className="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.key} className={tableCss["row"]}>
              <td className={tableCss["name"]}>
                <bdi>{line.name}</bdi>
                <div className={tableCss["place"]}>{line.place}</div>
              </td>
              <td data-label="Since">
                <Time at={line.trashedAt} />
              </td>
              <td className={tableCss["number"]}>
                <Button onClick={() => restore(line)}>Restore</Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
