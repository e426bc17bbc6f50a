/** A file that is being sent: how far it is, and a way to stop it. */
import { CloseButton } from "@mantine/core"
import { sizeWords } from "#web/app/words.ts"
import css from "#web/launch/file-field.module.css"

export type OnWay = { readonly name: string; readonly size: number; readonly part: number }

export function OnItsWay({ name, size, part, onStop }: OnWay & { readonly onStop: () => void }) {
  return (
    <div className={css["file"]} role="status">
      <bdi className={css["name"]}>{name}</bdi>
      <span className={css["size"]}>
        {Math.floor(part * 100)} % of {sizeWords(size)}
      </span>
      <CloseButton size="sm" aria-label={`Stop sending ${name}`} onClick={onStop} />
      <progress className={css["progress"]} value={part} max={1} aria-label={`${name} on its way`} />
    </div>
  )
}
