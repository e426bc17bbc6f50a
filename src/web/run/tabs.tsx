import css from "#web/run/run.module.css"

type Props = {
  readonly views: readonly { readonly name: string; readonly word: string }[]
  readonly at: string
  readonly onView: (name: string) => void
}

/** The views of one thing; which is open stands in the address. */
export function Tabs({ views, at, onView }: Props) {
  return (
    <nav className={css["tabs"]} aria-label="Views">
      {views.map(({ name, word }) => (
        <button key={name} type="button" aria-current={name === at ? "page" : undefined} onClick={() => onView(name)}>
          {word}
        </button>
      ))}
    </nav>
  )
}
