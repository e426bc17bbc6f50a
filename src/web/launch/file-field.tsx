/** A parameter that is a file: dropped in or chosen, sent at once, with how far it is and what is wrong said where it is. */
import { Button, CloseButton, Input } from "@mantine/core"
import { IconFile, IconFileUpload } from "@tabler/icons-react"
import { type DragEvent, type ReactNode, useRef, useState } from "react"
import { api, toldOf } from "#web/app/api.ts"
import { sizeWords } from "#web/app/words.ts"
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
  const [isOver, setOver] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const isGone = uploadIn(text) !== undefined && upload === null
  const said = wrong?.why ?? (isGone ? "This file is not kept any more: choose it again." : problem)
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    const dropped = droppedIn(event.dataTransfer)
    if (typeof dropped === "string") refuse(dropped)
    else if (dropped) void send(dropped)
  }
  const remove = () => {
    // Nobody else can know of it; that it went is of no interest to whoever removed it.
    if (upload && !upload.isTaken) void api.call("dropUpload", { params: { upload: upload.id } }).catch(() => undefined)
    onType("")
    document.getElementById(id)?.focus()
  }
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
        onDrop={drop}
      >
        {onItsWay ? (
          <OnItsWay {...onItsWay} onStop={stop} />
        ) : text !== "" && !isGone ? (
          <Chosen field={field} text={text} upload={upload} onRemove={remove} />
        ) : (
          <p className={css["hint"]}>
            <IconFileUpload size={18} stroke={1.5} aria-hidden="true" /> Drop a file here, or
          </p>
        )}
        {!onItsWay && (
          <Button
            id={id}
            size="compact-sm"
            aria-describedby={said === undefined ? undefined : about}
            aria-label={`${text === "" ? "Choose a file" : "Choose another file"} for ${field.title}`}
            onClick={() => input.current?.click()}
          >
            {text === "" || isGone ? "Choose a file" : "Choose another"}
          </Button>
        )}
        {wrong?.file && (
          <Button size="compact-sm" variant="subtle" onClick={() => void send(wrong.file as File)}>
            Try again
          </Button>
        )}
        <input
          ref={input}
          type="file"
          hidden
          accept={field.accept.join(",")}
          onChange={({ currentTarget }) => {
            const [file] = currentTarget.files ?? []
            if (file) void send(file)
            currentTarget.value = ""
          }}
        />
      </fieldset>
    </Input.Wrapper>
  )
}

/** The one file, or why it is none; undefined: what was dropped is something else, as a text. */
function droppedIn({ files, items }: DataTransfer): File | string | undefined {
  if ([...items].some((item) => item.webkitGetAsEntry()?.isDirectory)) return "That is a folder: drop one file."
  return files.length > 1 ? `Those are ${files.length} files: drop one.` : files[0]
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
