import { IconFolder, IconNotebook, IconUpload } from "@tabler/icons-react"
import { lazy, Suspense, useRef, useState } from "react"
import { useApi, useForget } from "#web/app/api.ts"
import { Go } from "#web/app/go.tsx"
import { fileContentHref, nameOf, notebookHref, parentOf, spaceHref } from "#web/app/places.ts"
import { Problem } from "#web/app/problem.tsx"
import { toast, toastError } from "#web/app/toast.tsx"
import type { NotebookInfo } from "#web/notebook/crumbs.ts"
import { useMay } from "#web/notebook/desk.tsx"
import { OneFile, type Opened } from "#web/notebook/one-file.tsx"
import css from "#web/notebook/rails.module.css"
import { SessionFiles } from "#web/notebook/session-files.tsx"
import { fileInSpace } from "#web/space/file-bytes.ts"
import { ThingMenu } from "#web/space/thing-menu.tsx"
import { type Picked, pickedFiles, upload } from "#web/space/upload.ts"
import { useFileDrop } from "#web/space/use-file-drop.ts"
import { useMoves } from "#web/space/use-moves.ts"

const FileSheet = lazy(() => import("#web/space/file-preview.tsx").then((loaded) => ({ default: loaded.FileSheet })))

/** What stands beside the notebook, and what its cells have written there. */
export function FilesPanel({ info }: { readonly info: NotebookInfo }) {
  const folder = parentOf(info.path)
  const [opened, open] = useState<Opened>()
  const may = useMay()
  const moves = useMoves(info.space.id)
  const { coming, take } = useComing(info.space.id, folder)
  const drops = useFileDrop(may.edit, take)
  const { data, error, refetch } = useApi("listItems", { params: { space: info.space.id }, query: { folder } })
  return (
    <div className={css["drop"]} data-over={drops.isOver || undefined} {...drops.on}>
      <h2>Files</h2>
      <p className={css["hint"]}>
        <Go href={spaceHref(info.space.name, folder)}>
          <bdi>{folder === "" ? info.space.name : `${info.space.name}/${folder}`}</bdi>
        </Go>
      </p>
      {may.edit && <Upload coming={coming} onPick={take} />}
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
              <OneFile
                path={item.path}
                bytes={fileInSpace(info.space.id, item.path)}
                menu={
                  may.edit && (
                    <ThingMenu
                      what={{ kind: "file", path: item.path }}
                      download={fileContentHref(info.space.id, item.path)}
                      file={item.file.id}
                      space={info.space.id}
                      mayEdit
                      moves={moves}
                    />
                  )
                }
                onOpen={open}
              />
            )}
          </li>
        ))}
      </ul>
      <SessionFiles info={info} folder={folder} onOpen={open} />
      {opened && (
        <Suspense>
          <FileSheet {...opened} onClose={() => open(undefined)} />
        </Suspense>
      )}
    </div>
  )
}

function Upload({ coming, onPick }: { readonly coming: readonly Coming[]; readonly onPick: (picked: readonly Picked[]) => void }) {
  const field = useRef<HTMLInputElement>(null)
  return (
    <>
      <button type="button" className={css["upload"]} onClick={() => field.current?.click()} title="Or drop files and folders here">
        <IconUpload size={14} aria-hidden="true" /> Upload files
      </button>
      <input
        ref={field}
        type="file"
        multiple
        className="unseen"
        tabIndex={-1}
        aria-label="Files to upload"
        onChange={({ currentTarget }) => {
          onPick(pickedFiles(currentTarget.files ?? []))
          // The same file is chosen again once it has changed.
          currentTarget.value = ""
        }}
      />
      {coming.map(({ path, part }) => (
        <p key={path} className={css["coming"]} role="status">
          <bdi>{path}</bdi>
          <progress value={part} max={1} aria-label={`${path} on its way`} />
        </p>
      ))}
    </>
  )
}

type Coming = { readonly path: string; readonly part: number }

/** One after the other; what is refused keeps nothing else from coming in. */
function useComing(space: string, folder: string) {
  const forget = useForget()
  const [coming, setComing] = useState<readonly Coming[]>([])
  const take = async (picked: readonly Picked[]) => {
    const done: Picked[] = []
    for (const one of picked) {
      const tell = (part: number) => setComing((now) => [...now.filter(({ path }) => path !== one.path), { path: one.path, part }])
      try {
        tell(0)
        await upload(one, { space, folder, keepsZip: true }, tell)
        done.push(one)
      } catch (error) {
        toastError(error)
      }
      setComing((now) => now.filter(({ path }) => path !== one.path))
    }
    const [first] = done
    if (first)
      toast(done.length === 1 ? `${first.path} is beside the notebook: cells open it by that name.` : `${done.length} files are beside the notebook.`)
    await forget()
  }
  return { coming, take }
}
