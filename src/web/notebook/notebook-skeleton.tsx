import css from "#web/notebook/notebook.module.css"

/** The shape of a notebook while it is on its way. */
export function NotebookSkeleton() {
  return (
    <div className={css["skeleton"]} role="status" aria-label="The notebook is being opened">
      {[52, 96, 34, 140, 76].map((height) => (
        <div key={height} style={{ height }} />
      ))}
    </div>
  )
}
