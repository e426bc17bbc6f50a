import { IconDeviceFloppy } from "@tabler/icons-react"
import { useQueryClient } from "@tanstack/react-query"
import { useEffect } from "react"
import type { Answered } from "#api/contract.ts"
import { api, asking, useApi, useForget } from "#web/app/api.ts"
import { nameOf } from "#web/app/places.ts"
import { Time } from "#web/app/time.tsx"
import { toast, toastError } from "#web/app/toast.tsx"
import { sizeWords } from "#web/app/words.ts"
import type { NotebookInfo } from "#web/notebook/crumbs.ts"
import { useDesk, useMay } from "#web/notebook/desk.tsx"
import { OneFile, type Opened } from "#web/notebook/one-file.tsx"
import css from "#web/notebook/rails.module.css"
import { useStore } from "#web/notebook/use-store.ts"
import { fileInSession } from "#web/space/file-bytes.ts"

type Written = Answered<"listSessionFiles">["files"][number]
type Props = { readonly info: NotebookInfo; readonly folder: string; readonly onOpen: (file: Opened) => void }

/** What cells have written: it lives with the session, so it is taken into the space from here. */
export function SessionFiles({ info, folder, onOpen }: Props) {
  const may = useMay()
  const { notebook } = useDesk()
  const request = { params: { notebook: notebook.id } }
  const { data } = useApi("listSessionFiles", request, { enabled: may.run, everyMs: 10_000 })
  const queries = useQueryClient()
  const ended = useStore(notebook.state, ({ executions }) => [...executions.values()].filter(({ endedAt }) => endedAt !== null).length)
  const session = useStore(notebook.state, (state) => state.session?.state ?? "")
  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever ended may have written something
  useEffect(() => void queries.invalidateQueries({ queryKey: asking("listSessionFiles", request).queryKey }), [ended, session])
  if (!may.run || !data || (data.files.length === 0 && data.left.length === 0)) return null
  return (
    <section aria-labelledby="written-by-cells">
      <h2 id="written-by-cells" className={css["second"]}>
        Written by cells
      </h2>
      <p className={css["hint"]}>
        {data.isLive ? "In the session only. Save what should stay." : "Left by the last session, until the next one ends. Save what should stay."}
      </p>
      <ul className={css["files"]}>
        {data.files.map((file) => (
          <li key={file.path}>
            <OneFile
              path={file.path}
              bytes={fileInSession(notebook.id, file)}
              about={<About file={file} folder={folder} />}
              actions={may.edit && <Keep space={info.space.name} file={file} />}
              onOpen={onOpen}
            />
          </li>
        ))}
      </ul>
      {data.left.map((why) => (
        <p key={why} className={css["hint"]}>
          {why}
        </p>
      ))}
    </section>
  )
}

/** Where it is, when that is not right beside the notebook. */
function About({ file, folder }: { readonly file: Written; readonly folder: string }) {
  const within = folder !== "" && file.path.startsWith(`${folder}/`) ? file.path.slice(folder.length + 1) : file.path
  const place = within.slice(0, Math.max(0, within.lastIndexOf("/")))
  return (
    <>
      {place !== "" && (
        <>
          <bdi>{place}</bdi>,{" "}
        </>
      )}
      {sizeWords(file.sizeBytes)}, <Time at={file.changedAt} />
    </>
  )
}

function Keep({ space, file }: { readonly space: string; readonly file: Written }) {
  const { notebook } = useDesk()
  const forget = useForget()
  const name = nameOf(file.path)
  const keep = async () => {
    try {
      await api.call("keepSessionFile", { params: { notebook: notebook.id }, body: { path: file.path } })
      toast(`${name} is saved in ${space}.`)
    } catch (error) {
      toastError(error)
    }
    await forget()
  }
  return (
    <button type="button" className={css["keep"]} onClick={keep} aria-label={`Save ${name} into the space`} title="Save into the space">
      <IconDeviceFloppy size={15} stroke={1.6} aria-hidden="true" />
    </button>
  )
}
