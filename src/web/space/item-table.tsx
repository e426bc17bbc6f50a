/** Folders, notebooks and files of one folder. A row is dragged onto a folder, or onto the way up. */
import { IconArrowUp, IconFile, IconFolder, IconNotebook } from "@tabler/icons-react"
import { type DragEvent, type ReactNode, useState } from "react"
import type { Answered } from "#api/contract.ts"
import { Go } from "#web/app/go.tsx"
import { Person } from "#web/app/person.tsx"
import { fileContentHref, nameOf, parentOf, spaceHref } from "#web/app/places.ts"
import { Time } from "#web/app/time.tsx"
import { sizeWords } from "#web/app/words.ts"
import tableCss from "#web/notebooks/notebook-table.module.css"
import { FactCells, FactTable, NotebookName } from "#web/notebooks/notebook-table.tsx"
import css from "#web/space/space.module.css"
import { ThingMenu } from "#web/space/thing-menu.tsx"
import type { Movable, Moves } from "#web/space/use-moves.ts"
import { useShownFile } from "#web/space/use-shown-file.ts"

type Item = Answered<"listItems">["items"][number]
type Space = Answered<"getSpace">
type Props = { readonly space: Space; readonly folder: string; readonly items: readonly Item[]; readonly mayEdit: boolean; readonly moves: Moves }
type RowProps = Omit<Props, "items">

export function ItemTable({ items, ...props }: Props) {
  return (
    <FactTable name="Name">
      {props.folder !== "" && <UpRow {...props} />}
      {items.map((item) => {
        if (item.kind === "folder") return <FolderRow key={`folder ${item.path}`} path={item.path} {...props} />
        if (item.kind === "notebook") return <NotebookRow key={item.notebook.id} notebook={item.notebook} {...props} />
        return <FileRow key={item.file.id} file={item.file} {...props} />
      })}
    </FactTable>
  )
}

const DRAGGED = "application/x-stet-item"
// A browser does not say what is dragged before it is dropped, and a folder must not be offered itself.
let dragged: Movable | undefined

function draggable(what: Movable, mayEdit: boolean) {
  if (!mayEdit) return {}
  return {
    draggable: true,
    onDragStart: (event: DragEvent) => {
      dragged = what
      event.dataTransfer.effectAllowed = "move"
      event.dataTransfer.setData(DRAGGED, what.path)
    },
    onDragEnd: () => {
      dragged = undefined
    },
  }
}

/** A row onto which things are dropped. */
function useTarget({ moves, mayEdit }: RowProps, folder: string) {
  const [isOver, setOver] = useState(false)
  const takes = (event: DragEvent) => {
    const isItem = event.dataTransfer.types.includes(DRAGGED) && dragged !== undefined
    const isItself = dragged?.kind === "folder" && (folder === dragged.path || folder.startsWith(`${dragged.path}/`))
    return mayEdit && isItem && !isItself
  }
  const on = {
    onDragOver: (event: DragEvent) => {
      if (!takes(event)) return
      event.preventDefault()
      event.stopPropagation()
      setOver(true)
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      setOver(false)
      if (!takes(event) || !dragged) return
      event.preventDefault()
      event.stopPropagation()
      void moves.into(dragged, folder)
    },
  }
  return { className: isOver ? css["target"] : undefined, on }
}

function UpRow(props: RowProps) {
  const { space, folder } = props
  const up = parentOf(folder)
  const { className, on } = useTarget(props, up)
  return (
    <tr className={`${tableCss["row"]} ${className ?? ""}`} {...on}>
      <td colSpan={7} className={css["wide"]}>
        <Name icon={<IconArrowUp size={16} stroke={1.6} aria-hidden="true" />}>
          <Go href={spaceHref(space.name, up)} className={css["quietLink"]}>
            {up === "" ? space.title : nameOf(up)}
          </Go>
        </Name>
      </td>
    </tr>
  )
}

function Name({ icon, children }: { readonly icon: ReactNode; readonly children: ReactNode }) {
  return (
    <div className={css["nameLine"]}>
      <span className={css["icon"]}>{icon}</span>
      {children}
    </div>
  )
}

function FolderRow({ path, ...props }: RowProps & { readonly path: string }) {
  const { space, mayEdit } = props
  const { className, on } = useTarget(props, path)
  const what: Movable = { kind: "folder", path }
  return (
    <tr className={`${tableCss["row"]} ${className ?? ""}`} {...draggable(what, mayEdit)} {...on}>
      <td colSpan={6} className={css["wide"]}>
        <Name icon={<IconFolder size={16} stroke={1.6} aria-hidden="true" />}>
          <Go href={spaceHref(space.name, path)} className={tableCss["title"]}>
            <bdi>{nameOf(path)}</bdi>
          </Go>
        </Name>
      </td>
      <td className={tableCss["menu"]}>
        <ThingMenu
          what={what}
          download={`/api/v1/export?${new URLSearchParams({ space: space.name, folder: path })}`}
          space={space.name}
          mayEdit={mayEdit}
          moves={props.moves}
        />
      </td>
    </tr>
  )
}

function NotebookRow({ notebook, ...props }: RowProps & { readonly notebook: Answered<"getNotebook"> }) {
  const { id, path, title } = notebook
  return (
    <tr className={tableCss["row"]} {...draggable({ kind: "notebook", id, path, title }, props.mayEdit)}>
      <td className={tableCss["name"]}>
        <Name icon={<IconNotebook size={16} stroke={1.6} aria-hidden="true" />}>
          <NotebookName notebook={notebook} place={nameOf(path)} />
        </Name>
      </td>
      <FactCells notebook={notebook} />
    </tr>
  )
}

type FileItem = Extract<Item, { readonly kind: "file" }>["file"]

function FileRow({ file, ...props }: RowProps & { readonly file: FileItem }) {
  const { space, mayEdit, folder } = props
  const [, show] = useShownFile(folder)
  const what: Movable = { kind: "file", path: file.path }
  const name = nameOf(file.path)
  return (
    <tr className={tableCss["row"]} {...draggable(what, mayEdit)}>
      <td className={tableCss["name"]}>
        <Name icon={<IconFile size={16} stroke={1.6} aria-hidden="true" />}>
          <div>
            <button type="button" className={css["open"]} onClick={() => show(name)}>
              <bdi>{name}</bdi>
            </button>
            <div className={tableCss["place"]}>{sizeWords(file.sizeBytes)}</div>
          </div>
        </Name>
      </td>
      <td data-label="Owner">{file.owner && <Person person={file.owner} />}</td>
      <td colSpan={4} data-label="Edited" className={tableCss["quiet"]}>
        <Time at={file.updatedAt} />
      </td>
      <td className={tableCss["menu"]}>
        <ThingMenu
          what={what}
          file={file.id}
          download={fileContentHref(space.name, file.path)}
          space={space.name}
          mayEdit={mayEdit}
          moves={props.moves}
        />
      </td>
    </tr>
  )
}
