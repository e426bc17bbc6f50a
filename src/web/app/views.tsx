import type { ReactNode } from "react"
import css from "#web/app/views.module.css"

type Props<View extends string> = {
  /** The heading. */
  readonly children: ReactNode
  readonly views: readonly (readonly [name: View, word: string])[]
  readonly at: View
  readonly onView: (view: View) => void
}

/** The heading of a list that can be narrowed to one of a few views; which one stands in the address. */
export function HeadWithViews<View extends string>({ children, views, at, onView }: Props<View>) {
  return (
    <div className={css["head"]}>
      {children}
      <div className={css["views"]}>
        {views.map(([name, word]) => (
          <button key={name} type="button" aria-pressed={name === at} onClick={() => onView(name)}>
            {word}
          </button>
        ))}
      </div>
    </div>
  )
}
