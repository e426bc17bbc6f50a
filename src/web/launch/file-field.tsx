/** A parameter that is a file: dropped in or chosen, sent at once, with how far it is and what is wrong said where it is. */
import { CloseButton } from "@mantine/core"
import { IconFile } from "@tabler/icons-react"
import { type ReactNode, useRef, useState } from "react"
import { api, toldOf } from "#web/app/api.ts"
import { sizeWords } from "#web/app/words.ts"
import { DropHint, DropZone } from "#web/launch/drop-zone.tsx"
import type { Field } from "#web/launch/field.ts"
import css from "#web/launch/file-field.module.css"
import { OnItsWay, type OnWay } from "#web/launch/file-on-its-way.tsx"
import { fileProblem, type SentFor, sendGiven, type Upload, uploadIn } from "#web/launch/given-file.ts"

export type FileFieldProps = {
  readonly id: string
  readonly field: Field
  readonly label: ReactNode
  readonly text: string
  readonly problem: string | undefined
  /** Of the upload that the text names; null: it is not there any more. */
  readonly upload: Upload | null | undefined
  readonly sentFor: SentFor
  readonly onType: (text: string) => void
  /** Whether something of it is on its way. */
  readonly onBusy: (isBusy: boolean) => void
}

export function FileField({ id, field, label, text, problem, upload, sentFor, onType, onBusy }: FileFieldProps) {
  const { onItsWay, wrong, send, stop, refuse } = useSending({ field, sentFor, onType, onBusy })
  const isGone = uploadIn(text) !== undefined && upload === null
  const said = wrong?.why ?? (isGone ? "This file is not kept any more: choose it again." : problem)
  const remove = () => {
    // Nobody else can know of it; that it went is of no interest to whoever removed it.
    if (upload && !upload.isTaken) void api.call("dropUpload", { params: { upload: upload.id } }).catch(() => undefined)
    onType("")
    document.getElementById(id)?.focus()
  }
  const isEmpty = text === "" || isGone
  return (
    <DropZone
      id={id}
      field={field}
      label={label}
      said={said}
      choose={onItsWay ? undefined : isEmpty ? "Choose a file" : "Choose another file"}
      onFiles={(files) => {
        const [file] = files
        if (files.length > 1) refuse(`Those are ${files.length} files: drop one.`)
        // What is dropped without a file is something else, as a text.
        else if (file) void send(file)
      }}
      onFolder={() => refuse("That is a folder: drop one file.")}
      onAgain={wrong?.file && (() => void send(wrong.file as File))}
    >
      {onItsWay ? (
        <OnItsWay {...onItsWay} onStop={stop} />
      ) : isEmpty ? (
        <DropHint>Drop a file here, or</DropHint>
      ) : (
        <Chosen field={field} text={text} upload={upload} onRemove={remove} />
      )}
    </DropZone>
  )
}

type Wrong = { readonly why: string; readonly file?: File }

function useSending({ field, sentFor, onType, onBusy }: Pick<FileFieldProps, "field" | "sentFor" | "onType" | "onBusy">) {
  const [onItsWay, setWay] = useState<OnWay>()
  const [wrong, setWrong] = useState<Wrong>()
  const ending = useRef<AbortController>(undefined)
  const send = async (file: File) => {
    ending.current?.abort()
    const problem = fileProblem(field, file)
    setWrong(problem === undefined ? undefined : { why: problem })
    if (problem !== undefined) return
    const control = new AbortController()
    ending.current = control
    setWay({ name: file.name, size: file.size, part: 0 })
    onBusy(true)
    try {
      const sent = await sendGiven(sentFor, file, (part) => setWay({ name: file.name, size: file.size, part }), control.signal)
      if (!control.signal.aborted) onType(sent.value)
    } catch (error) {
      if (!control.signal.aborted) {
        const { detail, remedy } = toldOf(error)
        setWrong({ why: `${detail} ${remedy}`.trim(), file })
      }
    } finally {
      if (ending.current === control) {
        setWay(undefined)
        onBusy(false)
      }
    }
  }
  return { onItsWay, wrong, send, stop: () => ending.current?.abort(), refuse: (why: string) => setWrong({ why }) }
}

type ChosenProps = Pick<FileFieldProps, "field" | "text" | "upload"> & { readonly onRemove: () => void }

/** An upload by its name; else the file that comes with the notebook. */
function Chosen({ field, text, upload, onRemove }: ChosenProps) {
  const isSent = uploadIn(text) !== undefined
  const name = isSent ? upload?.name : text
  return (
    <div className={css["file"]} role="status">
      <IconFile size={18} stroke={1.5} aria-hidden="true" />
      <bdi className={css["name"]}>{name ?? "…"}</bdi>
      <span className={css["size"]}>{isSent ? upload && sizeWords(upload.sizeBytes) : text === field.defaultText && "comes with it"}</span>
      {isSent && <CloseButton size="sm" aria-label={`Remove ${name ?? "the file"}`} onClick={onRemove} />}
    </div>
  )
}
