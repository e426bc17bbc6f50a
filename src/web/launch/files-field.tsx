/** A parameter that is a list of files: dropped in or chosen, sent one after the other, in the order in which code gets them. */
import { ActionIcon, CloseButton } from "@mantine/core"
import { IconArrowUp, IconFile } from "@tabler/icons-react"
import { type ReactNode, useRef, useState } from "react"
import { api, toldOf } from "#web/app/api.ts"
import { counted, sizeWords } from "#web/app/words.ts"
import { DropHint, DropZone } from "#web/launch/drop-zone.tsx"
import type { Field } from "#web/launch/field.ts"
import css from "#web/launch/file-field.module.css"
import { OnItsWay, type OnWay } from "#web/launch/file-on-its-way.tsx"
import { fileProblem, itemsIn, type SentFor, sendGiven, type Upload, uploadIn } from "#web/launch/given-file.ts"

type Props = {
  readonly id: string
  readonly field: Field
  readonly label: ReactNode
  /** A line for each: an upload, or the path of a file that comes with the notebook. */
  readonly text: string
  readonly problem: string | undefined
  /** null: it is not there any more. */
  readonly uploads: ReadonlyMap<string, Upload | null>
  readonly sentFor: SentFor
  readonly onType: (text: string) => void
  /** Whether something of it is on its way. */
  readonly onBusy: (isBusy: boolean) => void
}

export function FilesField({ id, field, label, text, problem, uploads, sentFor, onType, onBusy }: Props) {
  const { onItsWay, wrong, send, stop, refuse } = useSendingAll({ field, text, sentFor, onType, onBusy })
  const items = itemsIn(text)
  const gone = items.filter((item) => uploads.get(uploadIn(item) ?? "") === null)
  const said =
    wrong?.why ??
    (gone.length > 0
      ? `${counted(gone.length, "file")} of these ${gone.length === 1 ? "is" : "are"} not kept any more: remove what is gone, and choose it again.`
      : problem)
  return (
    <DropZone
      id={id}
      field={field}
      label={label}
      said={said}
      choose={addWords(field, text)}
      many
      onFiles={(files) => void send(files)}
      onFolder={() => refuse("That is a folder: drop the files that are in it.")}
      onAgain={wrong && wrong.files.length > 0 ? () => void send(wrong.files) : undefined}
    >
      <FileRows id={id} field={field} text={text} uploads={uploads} onType={onType} />
      {onItsWay && <OnItsWay {...onItsWay} onStop={stop} />}
      {items.length === 0 && !onItsWay && <DropHint>Drop files here, or</DropHint>}
    </DropZone>
  )
}

/** In the order in which code gets them. */
function FileRows({ id, field, text, uploads, onType }: Pick<Props, "id" | "field" | "text" | "uploads" | "onType">) {
  const items = itemsIn(text)
  const remove = (at: number) => {
    const upload = uploads.get(uploadIn(items[at] ?? "") ?? "")
    const isElsewhere = items.some((item, other) => other !== at && item === items[at])
    // Nobody else can know of it; that it went is of no interest to whoever removed it.
    if (upload && !upload.isTaken && !isElsewhere) void api.call("dropUpload", { params: { upload: upload.id } }).catch(() => undefined)
    onType(items.toSpliced(at, 1).join("\n"))
    document.getElementById(id)?.focus()
  }
  const raise = (at: number) =>
    onType(
      items
        .toSpliced(at, 1)
        .toSpliced(at - 1, 0, items[at] ?? "")
        .join("\n"),
    )
  if (items.length === 0) return null
  return (
    <ol className={css["files"]}>
      {items.map((item, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: one file may stand in it twice
        <li key={`${item} ${at}`} className={css["one"]}>
          <Chosen item={item} upload={uploads.get(uploadIn(item) ?? "")} isDefault={text === field.defaultText} />
          {at === 0 ? (
            <span />
          ) : (
            <ActionIcon size="sm" variant="subtle" color="gray" aria-label={`Move file ${at + 1} up`} onClick={() => raise(at)}>
              <IconArrowUp size={14} aria-hidden="true" />
            </ActionIcon>
          )}
          {text !== field.defaultText && <CloseButton size="sm" aria-label={`Remove file ${at + 1}`} onClick={() => remove(at)} />}
        </li>
      ))}
    </ol>
  )
}

/** Files of one's own take the place of those that come with the notebook, and join others of one's own. */
function addWords({ defaultText }: Field, text: string): string {
  if (text === "") return "Choose files"
  return text === defaultText ? "Choose others" : "Add files"
}

type ChosenProps = { readonly item: string; readonly upload: Upload | null | undefined; readonly isDefault: boolean }

function Chosen({ item, upload, isDefault }: ChosenProps) {
  const isSent = uploadIn(item) !== undefined
  return (
    <>
      <IconFile size={18} stroke={1.5} aria-hidden="true" />
      <bdi className={css["name"]}>{isSent ? (upload === null ? "not kept any more" : (upload?.name ?? "…")) : item}</bdi>
      <span className={css["size"]}>{isSent ? upload && sizeWords(upload.sizeBytes) : isDefault && "comes with it"}</span>
    </>
  )
}

type Wrong = { readonly why: string; readonly files: readonly File[] }

function useSendingAll({ field, text, sentFor, onType, onBusy }: Pick<Props, "field" | "text" | "sentFor" | "onType" | "onBusy">) {
  const [onItsWay, setWay] = useState<OnWay>()
  const [wrong, setWrong] = useState<Wrong>()
  const latest = useRef(text)
  latest.current = text
  const queue = useRef<readonly File[]>([])
  const ending = useRef<AbortController>(undefined)
  const add = (value: string) => {
    const before = latest.current === field.defaultText ? [] : itemsIn(latest.current)
    latest.current = [...before, value].join("\n")
    onType(latest.current)
  }
  const sendAll = async (control: AbortController) => {
    for (let [file] = queue.current; file; [file] = queue.current) {
      const { name, size } = file
      const tell = (part: number) => setWay({ name, size, part })
      tell(0)
      const sent = await sendGiven(sentFor, file, tell, control.signal)
      if (control.signal.aborted) return
      queue.current = queue.current.slice(1)
      add(sent.value)
    }
  }
  const send = async (files: readonly File[]) => {
    const problems = files.flatMap((file) => fileProblem(field, file) ?? [])
    setWrong(problems.length > 0 ? { why: problems.join(" "), files: [] } : undefined)
    queue.current = [...queue.current, ...files.filter((file) => fileProblem(field, file) === undefined)]
    // What is on its way goes first, and takes these along.
    if (ending.current || queue.current.length === 0) return
    const control = new AbortController()
    ending.current = control
    onBusy(true)
    try {
      await sendAll(control)
    } catch (error) {
      const { detail, remedy } = toldOf(error)
      if (!control.signal.aborted) setWrong({ why: `${detail} ${remedy}`.trim(), files: queue.current })
    } finally {
      queue.current = []
      ending.current = undefined
      setWay(undefined)
      onBusy(false)
    }
  }
  return { onItsWay, wrong, send, stop: () => ending.current?.abort(), refuse: (why: string) => setWrong({ why, files: [] }) }
}
