/** Text for the clipboard. */
import { toast } from "#web/app/toast.tsx"

/** Whether it is there now: a browser need not let a page do that. */
export async function putOnClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

/** The same, and says so; where it could not be, what to do instead. */
export async function copyText(
  text: string,
  said: string,
  instead = "The browser did not let the page copy. Select the text and copy it yourself.",
): Promise<void> {
  if (await putOnClipboard(text)) toast(said)
  else toast({ text: instead, kind: "failed" })
}
