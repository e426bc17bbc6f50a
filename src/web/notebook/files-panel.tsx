import { IconFile, IconFolder, IconNotebook, IconUpload } from "@tabler/icons-react"
import { useRef } from "react"
import { api, useApi, useForget } from "#web/app/api.ts"
import { Go } from "#web/app/go.tsx"
import { fileContentHref, nameOf, notebookHref, parentOf, pathIn, spaceHref } from "#web/app/places.ts"
import { Problem } from "#web/app/problem.tsx"
import { toast, toastError } from "#web/app/toast.tsx"
import type { NotebookInfo } from "#web/notebook/crumbs.ts"
import { useMay } from "#web/notebook/desk.tsx"
import css from "#web/notebook/rails.module.css"

/** What stands beside the notebook. */
export function FilesPanel({ info }: { readonly info: NotebookInfo }) {
  const folder = parentOf(info.path)
  const { data, error, refetch } = useApi("listItems", { params: { space: info.space.id }, query: { folder } })
  return (
    <>
      <h2>Files</h2>
      <p className={css["hint"]}>
        <Go href={spaceHref(info.space.name, folder)}>
          <bdi>{folder === "" ? info.space.name : `${info.space.name}/${folder}`}</bdi>
        </Go>
      </p>
      <Upload space={info.space.id} folder={folder} />
      {error && <Problem error={error} retry={refetch} />}
      <ul className={css["files"]}>
        {data?.items.map((item) => (
          <li key={`${item.kind} ${item.path}`}>
            {item.kind === "folder" && (
              <Go href={spaceHref(info.space.name, item.path)}>
                <IconFolder size={15} stroke={1.6} aria-hidden="true" />
                <bdi>{nameOf(item.path)}</bdi>
              </Go>
            )}
            {item.kind === "notebook" && (
              <Go href={notebookHref(item.notebook.id)} aria-current={item.notebook.id === info.id ? "page" : undefined}>
                <IconNotebook size={15} stroke={1.6} aria-hidden="true" />
                <bdi>{nameOf(item.path)}</bdi>
              </Go>
            )}
            {item.kind === "file" && (
              <a href={fileContentHref(info.space.id, item.path)} download={nameOf(item.path)}>
                <IconFile size={15} stroke={1.6} aria-hidden="true" />
                <bdi>{nameOf(item.path)}</bdi>
              </a>
            )}
          </li>
        ))}
      </ul>
    </>
  )
}

function Upload({ space, folder }: { readonly space: string; readonly folder: string }) {
  const may = useMay()
  const field = useRef<HTMLInputElement>(null)
  const forget = useForget()
  if (!may.edit) return null
  const put = async (files: FileList | null) => {
    try {
      for (const file of files ?? []) await api.call("putFile", { query: { space, path: pathIn(folder, file.name) }, body: file })
      if (files?.length) toast(files.length === 1 ? `${files[0]?.name} is here.` : `${files.length} files are here.`)
    } catch (error) {
      toastError(error)
    }
    await forget()
  }
  return (
    <>
      <button type="button" className={css["upload"]} onClick={() => field.current?.click()}>
        <IconUpload size={14} aria-hidden="true" /> Upload files
      </button>
      <input
        ref={field}
        type="file"
        multiple
        className="unseen"
        tabIndex={-1}
        aria-label="Files to upload"
        onChange={(event) => put(event.currentTarget.files)}
      />
    </>
  )
}
