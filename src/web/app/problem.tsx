import { Button } from "@mantine/core"
import { isAbsent, toldOf } from "#web/app/api.ts"
import css from "#web/app/notes.module.css"

type Props = { readonly error: unknown; readonly retry?: (() => unknown) | undefined }

/** An error in the place of what could not be shown: what happened, why, and the one thing to do next. */
export function Problem({ error, retry }: Props) {
  const { title, detail, remedy, reference } = toldOf(error)
  return (
    <div className={css["problem"]} role="alert">
      <h2>{title}</h2>
      <p>{detail}</p>
      {remedy !== "" && <p>{remedy}</p>}
      {retry && !isAbsent(error) && (
        <Button mt={4} onClick={() => retry()}>
          Try again
        </Button>
      )}
      {reference !== "" && <p className={css["reference"]}>Request {reference}</p>}
    </div>
  )
}

/** An error beside what was tried, in a form or a dialog. */
export function Wrong({ error }: { readonly error: unknown }) {
  if (error === null || error === undefined) return null
  const { detail, remedy } = toldOf(error)
  return (
    <p className={css["wrong"]} role="alert">
      {detail} {remedy}
    </p>
  )
}
