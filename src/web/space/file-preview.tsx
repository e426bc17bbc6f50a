/** A file beside notebooks, looked at: text, tables and pictures; everything else can be taken along. */
import { Button, Modal } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { type ReactNode, useEffect, useState } from "react"
import { api } from "#web/app/api.ts"
import { nameOf } from "#web/app/places.ts"
import { Problem } from "#web/app/problem.tsx"
import { SkeletonBox } from "#web/app/skeleton.tsx"
import { counted, digits, sizeWords } from "#web/app/words.ts"
import { type FileBytes, fileInSpace } from "#web/space/file-bytes.ts"
import { type Preview, previewOf } from "#web/space/preview.ts"
import css from "#web/space/space.module.css"
import { useMoves } from "#web/space/use-moves.ts"
import { useShownFile } from "#web/space/use-shown-file.ts"

/** As much of a file as is fetched to be looked at. */
const SHOWN_BYTES = 2_000_000

type Props = { readonly place: { readonly space: string; readonly folder: string }; readonly mayEdit: boolean }

export function FilePreview({ place, mayEdit }: Props) {
  const [path, show] = useShownFile(place.folder)
  if (path === undefined) return null
  return <OpenFile space={place.space} path={path} mayEdit={mayEdit} onClose={() => show(undefined)} />
}

function OpenFile({
  space,
  path,
  mayEdit,
  onClose,
}: {
  readonly space: string
  readonly path: string
  readonly mayEdit: boolean
  readonly onClose: () => void
}) {
  const moves = useMoves(space)
  const trash = async () => {
    const files = await api.call("listFiles", { query: { space, folder: path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "" } })
    const id = files.items.find((file) => file.path === path)?.id
    onClose()
    await moves.toTrash({ kind: "file", path }, () => (id === undefined ? Promise.resolve() : api.call("restoreFile", { body: { file: id } })))
  }
  const actions = mayEdit && (
    <Button variant="subtle" onClick={trash}>
      Move to the trash
    </Button>
  )
  return <FileSheet path={path} bytes={fileInSpace(space, path)} actions={actions} onClose={onClose} />
}

type SheetProps = { readonly path: string; readonly bytes: FileBytes; readonly actions?: ReactNode; readonly onClose: () => void }

/** One file, looked at. */
export function FileSheet({ path, bytes, actions, onClose }: SheetProps) {
  const found = useQuery({ queryKey: bytes.key, queryFn: ({ signal }) => fetchPart(bytes, signal), retry: false })
  return (
    <Modal opened onClose={onClose} title={nameOf(path)} size="xl">
      <div className={css["preview"]}>
        <div className={css["bar"]}>
          <span>{found.data ? sizeWords(found.data.totalBytes) : ""}</span>
          {actions}
          <Button component="a" href={bytes.href} download={nameOf(path)}>
            Download
          </Button>
        </div>
        {found.error ? <Problem error={found.error} /> : null}
        {found.isPending && <SkeletonBox height={240} />}
        {found.data && <Shown preview={previewOf(path, found.data.bytes, found.data.totalBytes)} name={nameOf(path)} />}
      </div>
    </Modal>
  )
}

type Part = { readonly bytes: Uint8Array<ArrayBuffer>; readonly totalBytes: number }

/** The beginning of it: a file of a gigabyte is looked at as quickly as a small one. */
async function fetchPart({ part }: FileBytes, signal: AbortSignal): Promise<Part> {
  const { value, headers } = await part({ range: `bytes=0-${SHOWN_BYTES - 1}` }, signal)
  const bytes = new Uint8Array(value as Uint8Array<ArrayBuffer>)
  const total = Number(/\/(\d+)$/u.exec(headers.get("content-range") ?? "")?.[1] ?? bytes.length)
  return { bytes, totalBytes: total }
}

function Shown({ preview, name }: { readonly preview: Preview; readonly name: string }) {
  switch (preview.kind) {
    case "picture":
      return <Picture bytes={preview.bytes} mediaType={preview.mediaType} name={name} />
    case "text":
      return (
        <>
          <pre>{preview.text}</pre>
          {preview.isCut && <p className={css["bar"]}>This is the beginning. The rest is in the file.</p>}
        </>
      )
    case "table":
      return <Table preview={preview} />
    case "none":
      return <p className={css["bar"]}>{preview.why}</p>
  }
}

function Table({ preview: { columns, rows, isCut } }: { readonly preview: Extract<Preview, { readonly kind: "table" }> }) {
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and the keyboard must be able to scroll it */}
      <section className={css["grid"]} tabIndex={0} aria-label="Table">
        <table>
          <thead>
            <tr>
              {columns.map((column, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: columns of a file never move, and may share a name
                <th key={at} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows of a file never move
              <tr key={at}>
                {columns.map((_, column) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: as above
                  <td key={column}>{row[column] ?? ""}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p className={css["bar"]}>{isCut ? `The first ${digits(rows.length)} rows; there are more in the file.` : counted(rows.length, "row")}</p>
    </>
  )
}

function Picture({ bytes, mediaType, name }: { readonly bytes: Uint8Array<ArrayBuffer>; readonly mediaType: string; readonly name: string }) {
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([bytes], { type: mediaType }))
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [bytes, mediaType])
  return url === undefined ? null : <img src={url} alt={name} />
}
