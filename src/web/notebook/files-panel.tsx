import { IconFolder, IconNotebook, IconUpload } from "@tabler/icons-react"
import { lazy, Suspense, useRef, useState } from "react"
import { api, useApi, useForget } from "#web/app/api.ts"
import { Go } from "#web/app/go.tsx"
import { nameOf, notebookHref, parentOf, pathIn, spaceHref } from "#web/app/places.ts"
import { Problem } from "#web/app/problem.tsx"
import { toast, toastError } from "#web/app/toast.tsx"
import type { NotebookInfo } from "#web/notebook/crumbs.ts"
import { useMay } from "#web/notebook/desk.tsx"
import { OneFile, type Opened } from "#web/notebook/one-file.tsx"
import css from "#web/notebook/rails.module.css"
import { SessionFiles } from "#web/notebook/session-files.tsx"
import { fileInSpace } from "#web/space/file-bytes.ts"

const FileSheet = lazy(() => import("#web/space/file-preview.tsx").then((loaded) => ({ default: loaded.FileSheet })))

/** What stands beside the notebook, and what its cells have written there. */
export function FilesPanel({ info }: { readonly info: NotebookInfo }) {
  const folder = parentOf(info.path)
  const [opened, open] = useState<Opened>()
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
            {item.kind === "file" && <OneFile path={item.path} bytes={fileInSpace(info.space.id, item.path)} onOpen={open} />}
          </li>
        ))}
      </ul>
      <SessionFiles info={info} folder={folder} onOpen={open} />
      {opened && (
        <Suspense>
          <FileSheet {...opened} onClose={() => open(undefined)} />
        </Suspense>
      )}
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
      if (files?.length)
        toast(
          files.length === 1
            ? `${files[0]?.name} is beside the notebook: cells open it by that name.`
            : `${files.length} files are beside the notebook.`,
        )
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
