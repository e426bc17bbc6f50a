import { Button } from "@mantine/core"
import { useRef, useState } from "react"
import { putOnClipboard } from "#web/app/copy.ts"
import css from "#web/app/copy-field.module.css"

/** Text that is there to be taken along. `label` says to a screen reader what it is. */
export function CopyField({ text, label }: { readonly text: string; readonly label: string }) {
  const field = useRef<HTMLInputElement>(null)
  const [isCopied, setCopied] = useState(false)
  const take = async () => {
    const isDone = await putOnClipboard(text)
    // Where the browser does not let us, the text stands there chosen, for the keyboard.
    if (!isDone) field.current?.select()
    setCopied(isDone)
    setTimeout(() => setCopied(false), 2000)
  }
  return (
    <div className={css["field"]}>
      <input ref={field} readOnly value={text} aria-label={label} onFocus={(event) => event.currentTarget.select()} />
      <Button onClick={take} aria-live="polite">
        {isCopied ? "Copied" : "Copy"}
      </Button>
    </div>
  )
}
