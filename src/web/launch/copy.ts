/** Puts text on the clipboard and says so; where the browser does not let a page do that, says what to do. */
import { toast } from "#web/app/toast.tsx"

export async function copyText(text: string, said: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    toast(said)
  } catch {
    toast({ text: "The browser did not let the page copy. Select the text and copy it yourself.", kind: "failed" })
  }
}
