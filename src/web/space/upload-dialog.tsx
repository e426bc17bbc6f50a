/** Brings files in: dropped on it or chosen, each with how far it is and what became of it. */
import { Button, Group, Modal, Stack } from "@mantine/core"
import { IconUpload } from "@tabler/icons-react"
import { type DragEvent, useEffect, useRef, useState } from "react"
import { toldOf, useForget } from "#web/app/api.ts"
import { Go } from "#web/app/go.tsx"
import { notebookHref } from "#web/app/places.ts"
import { counted } from "#web/app/words.ts"
import { cleanFolder, type Place, PlaceFields, usePlace } from "#web/space/place-fields.tsx"
import css from "#web/space/upload.module.css"
import { type Landed, type Picked, pickedFiles, pickedFrom, upload } from "#web/space/upload.ts"

type Props = {
  readonly place?: Place
  /** What was dropped already. */
  readonly picked?: readonly Picked[]
  readonly onClose: () => void
}
type Line = { readonly picked: Picked; readonly part: number; readonly landed?: Landed; readonly wrong?: string }

export function UploadDialog({ place: given = { space: "", folder: "" }, picked, onClose }: Props) {
  const [chosen, choose] = useState<Partial<Place>>({})
  const place = usePlace(given.space === "" ? {} : given, chosen)
  const { lines, take, isBusy } = useUploads(place)
  const isReady = place.space !== ""
  const begun = useRef(false)
  useEffect(() => {
    if (!picked || !isReady || begun.current) return
    begun.current = true
    void take(picked)
  }, [picked, isReady, take])
  return (
    <Modal opened onClose={onClose} title="Upload" size="lg">
      <Stack gap={14}>
        {given.space === "" && lines.length === 0 && <PlaceFields place={place} onChange={choose} />}
        {!picked && <DropZone onPick={take} isReady={isReady} />}
        <Lines lines={lines} />
        <Group justify="flex-end">
          <Button variant={lines.length > 0 && !isBusy ? "filled" : "default"} onClick={onClose}>
            {isBusy ? "Go on in the background" : lines.length > 0 ? "Done" : "Close"}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

/** One after the other, so that a hundred files do not stand in each other's way. */
function useUploads({ space, folder }: Place) {
  const forget = useForget()
  const [lines, setLines] = useState<readonly Line[]>([])
  const [busy, setBusy] = useState(0)
  const take = async (picked: readonly Picked[]) => {
    const first = lines.length
    const set = (at: number, change: Partial<Line>) => setLines((now) => now.map((line, i) => (i === first + at ? { ...line, ...change } : line)))
    setLines((now) => [...now, ...picked.map((one) => ({ picked: one, part: 0 }))])
    setBusy((now) => now + 1)
    for (const [at, one] of picked.entries()) {
      try {
        const landed = await upload(one, { space, folder: cleanFolder(folder) }, (part) => set(at, { part }))
        set(at, { part: 1, landed })
      } catch (error) {
        const { detail, remedy } = toldOf(error)
        set(at, { wrong: `${detail} ${remedy}`.trim() })
      }
    }
    setBusy((now) => now - 1)
    await forget()
  }
  return { lines, take, isBusy: busy > 0 }
}

function DropZone({ onPick, isReady }: { readonly onPick: (picked: readonly Picked[]) => void; readonly isReady: boolean }) {
  const [isOver, setOver] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const drop = async (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    onPick(await pickedFrom(event.dataTransfer.items))
  }
  const over = (event: DragEvent) => {
    event.preventDefault()
    setOver(true)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: whoever does not drag presses the button in it
    <div className={`${css["zone"]} ${isOver ? css["over"] : ""}`} onDragOver={over} onDragLeave={() => setOver(false)} onDrop={drop}>
      <IconUpload size={22} stroke={1.4} aria-hidden="true" />
      <p>
        Drop notebooks (<code>.ipynb</code>), folders, a <code>.zip</code> archive, or files that notebooks read
      </p>
      <Button disabled={!isReady} onClick={() => input.current?.click()} data-autofocus>
        Choose files
      </Button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={({ currentTarget }) => {
          if (currentTarget.files) onPick(pickedFiles(currentTarget.files))
          currentTarget.value = ""
        }}
      />
    </div>
  )
}

function Lines({ lines }: { readonly lines: readonly Line[] }) {
  if (lines.length === 0) return null
  const done = lines.filter(({ landed }) => landed).length
  const wrong = lines.filter((line) => line.wrong !== undefined).length
  return (
    <div>
      <p className={css["sum"]} role="status">
        {counted(done, "file")} in{wrong > 0 ? `, ${wrong} not` : ""}, of {lines.length}
      </p>
      <ul className={css["lines"]}>
        {lines.map(({ picked, part, landed, wrong: why }) => (
          <li key={picked.path}>
            <bdi className={css["path"]}>{picked.path}</bdi>
            {landed && (
              <span className={css["landed"]}>
                {landed.words} {landed.notebook && <Go href={notebookHref(landed.notebook)}>Open</Go>}
              </span>
            )}
            {!landed && why === undefined && <progress value={part} max={1} aria-label={`${picked.path} on its way`} />}
            {why !== undefined && <span className={css["wrong"]}>{why}</span>}
            {landed?.warnings.map((warning) => (
              <span key={warning} className={css["warning"]}>
                {warning}
              </span>
            ))}
          </li>
        ))}
      </ul>
    </div>
  )
}
