/** The frame of a field that takes files: dropped in or chosen, with what is wrong said below it. */
import { Button, Input } from "@mantine/core"
import { IconFileUpload } from "@tabler/icons-react"
import { type ReactNode, useRef, useState } from "react"
import type { Field } from "#web/launch/field.ts"
import css from "#web/launch/file-field.module.css"

type Props = {
  readonly id: string
  readonly field: Field
  readonly label: ReactNode
  /** What is wrong, in a sentence. */
  readonly said: string | undefined
  /** Of the button that opens the choice; undefined: nothing can be chosen now. */
  readonly choose: string | undefined
  readonly many?: boolean
  readonly onFiles: (files: readonly File[]) => void
  readonly onFolder: () => void
  /** Sends once more what did not arrive, where that is possible. */
  readonly onAgain?: (() => void) | undefined
  readonly children: ReactNode
}

export function DropZone({ id, field, label, said, choose, many = false, onFiles, onFolder, onAgain, children }: Props) {
  const [isOver, setOver] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const about = `${id}-about`
  return (
    <Input.Wrapper
      label={label}
      labelElement="div"
      description={field.help === "" ? undefined : field.help}
      error={said}
      errorProps={{ id: about, role: "alert" }}
    >
      <fieldset
        className={css["zone"]}
        data-over={isOver || undefined}
        data-wrong={said !== undefined || undefined}
        aria-label={field.title}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault()
          setOver(false)
          if ([...event.dataTransfer.items].some((item) => item.webkitGetAsEntry()?.isDirectory)) onFolder()
          else onFiles([...event.dataTransfer.files])
        }}
      >
        {children}
        {choose !== undefined && (
          <Button
            id={id}
            size="compact-sm"
            aria-describedby={said === undefined ? undefined : about}
            aria-label={`${choose} for ${field.title}`}
            onClick={() => input.current?.click()}
          >
            {choose}
          </Button>
        )}
        {onAgain && (
          <Button size="compact-sm" variant="subtle" onClick={onAgain}>
            Try again
          </Button>
        )}
        <input
          ref={input}
          type="file"
          multiple={many}
          hidden
          accept={field.accept.join(",")}
          onChange={({ currentTarget }) => {
            onFiles([...(currentTarget.files ?? [])])
            currentTarget.value = ""
          }}
        />
      </fieldset>
    </Input.Wrapper>
  )
}

export function DropHint({ children }: { readonly children: string }) {
  return (
    <p className={css["hint"]}>
      <IconFileUpload size={18} stroke={1.5} aria-hidden="true" /> {children}
    </p>
  )
}
