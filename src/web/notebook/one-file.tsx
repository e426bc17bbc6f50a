import { IconDownload, IconFile } from "@tabler/icons-react"
import type { ReactNode } from "react"
import { nameOf } from "#web/app/places.ts"
import css from "#web/notebook/rails.module.css"
import type { FileBytes } from "#web/space/file-bytes.ts"

export type Opened = { readonly path: string; readonly bytes: FileBytes; readonly actions?: ReactNode } | undefined

type Props = {
  readonly path: string
  readonly bytes: FileBytes
  /** Below the name. */
  readonly about?: ReactNode
  /** Beside what every file has. */
  readonly actions?: ReactNode
  /** Behind it, where more can be done with it. */
  readonly menu?: ReactNode
  readonly onOpen: (file: Opened) => void
}

/** A file in a panel: a click looks at it, the arrow takes it along. */
export function OneFile({ path, bytes, about, actions, menu, onOpen }: Props) {
  const name = nameOf(path)
  return (
    <div className={css["file"]}>
      <button type="button" className={css["open"]} onClick={() => onOpen({ path, bytes, actions })} title={path}>
        <IconFile size={15} stroke={1.6} aria-hidden="true" />
        <span>
          <bdi>{name}</bdi>
          {about && <span className={css["about"]}>{about}</span>}
        </span>
      </button>
      {actions}
      <a href={bytes.href} download={name} aria-label={`Download ${name}`} title="Download">
        <IconDownload size={15} stroke={1.6} aria-hidden="true" />
      </a>
      {menu}
    </div>
  )
}
