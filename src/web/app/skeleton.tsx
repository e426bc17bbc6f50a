import css from "#web/app/skeleton.module.css"

/** Lines that stand where rows will. `rows`: as many as are likely to come. */
export function SkeletonRows({ rows = 6 }: { readonly rows?: number }) {
  return (
    <div className={css["rows"]} role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike and never move
        <div className={css["row"]} key={row}>
          <span style={{ width: `${28 + ((row * 37) % 24)}%` }} />
          <span style={{ width: "10%" }} />
          <span style={{ width: "14%" }} />
        </div>
      ))}
    </div>
  )
}

/** A block of text that is on its way. `isLate`: it has been waited for already, and what is coming is shown at once. */
export function SkeletonText({ lines = 4, isLate = false }: { readonly lines?: number; readonly isLate?: boolean }) {
  return (
    <div className={`${css["text"]} ${isLate ? css["late"] : ""}`} role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike and never move
        <span key={line} style={{ width: `${92 - ((line * 29) % 40)}%` }} />
      ))}
    </div>
  )
}

/** A box of the height that what comes will have. */
export function SkeletonBox({ height }: { readonly height: number }) {
  return <div className={css["box"]} style={{ height }} role="status" aria-label="Loading" />
}
