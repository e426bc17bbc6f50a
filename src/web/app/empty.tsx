import type { ReactNode } from "react"
import css from "#web/app/notes.module.css"

type Props = { readonly title: string; readonly children?: ReactNode; readonly actions?: ReactNode }

/** Nothing is here yet: says what will be, and offers the first real action. */
export function Empty({ title, children, actions }: Props) {
  return (
    <div className={css["empty"]}>
      <h2>{title}</h2>
      {children !== undefined && <div className={css["words"]}>{children}</div>}
      {actions !== undefined && <div className={css["actions"]}>{actions}</div>}
    </div>
  )
}
