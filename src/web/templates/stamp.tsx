import css from "#web/templates/templates.module.css"

type Props = {
  readonly template: { readonly version: number | null; readonly isReviewed: boolean | null; readonly deprecatedAt: string | null }
}

/** The version that the name stands for, marked as a proof-reader marks what is to stand. */
export function Stamp({ template: { version, isReviewed, deprecatedAt } }: Props) {
  if (version === null) return <span className={css["unstamped"]}>not promoted yet</span>
  const words = deprecatedAt !== null ? "do not use any more" : isReviewed ? "approved" : "not reviewed"
  return (
    <span className={css["stamp"]} data-quiet={deprecatedAt !== null || undefined}>
      <b>Version {version}</b> <span>{words}</span>
    </span>
  )
}
