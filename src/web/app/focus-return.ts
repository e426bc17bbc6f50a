/**
 * Whoever closes a dialog is where they opened it. Mantine's own return begins with a dialog that was there closed before; ours are drawn when
 * they open, so that the focus fell to the page and who has no mouse began again at its top.
 */

const DIALOG = "[role=dialog]"
/** What closes may still put the focus somewhere on purpose. */
const AFTER_MS = 40

/** Looks after all dialogs of the document. Gives what ends it. */
export function returnFocus(document: Document): () => void {
  const openers = new WeakMap<Element, Element>()
  let open = new Set<Element>()
  let last: Element | undefined

  const opener = (dialog: Element): HTMLElement | undefined => {
    const found = openers.get(dialog)
    if (found?.isConnected && found instanceof HTMLElement) return found
    const outer = found && dialogAround(found)
    return outer && outer !== dialog ? opener(outer) : undefined
  }
  const dialogAround = (element: Element) => element.closest(DIALOG) ?? homes.get(element)
  // Where an element was while it was there.
  const homes = new WeakMap<Element, Element>()

  const settle = () => {
    const gone = [...open].filter((dialog) => !dialog.isConnected)
    if (gone.length === 0) return
    open = new Set([...open].filter((dialog) => dialog.isConnected))
    if (open.size === 0) observer.disconnect()
    setTimeout(() => {
      if (document.activeElement !== document.body && document.activeElement !== null) return
      const to = gone.map(opener).find((one) => one !== undefined) ?? document.getElementById("main")
      to?.focus({ preventScroll: true })
    }, AFTER_MS)
  }
  const observer = new MutationObserver(settle)

  const onFocus = ({ target }: FocusEvent) => {
    if (!(target instanceof Element)) return
    const dialog = target.closest(DIALOG)
    if (dialog) homes.set(target, dialog)
    if (dialog && !open.has(dialog)) {
      if (last) openers.set(dialog, last)
      open.add(dialog)
      observer.observe(document.body, { childList: true })
      observer.observe(dialog.closest("[data-portal]") ?? dialog.parentElement ?? document.body, { childList: true, subtree: true })
    }
    // An entry of a menu is gone by the time that its dialog closes; the menu's button stays.
    last = buttonOf(target) ?? target
  }
  document.addEventListener("focusin", onFocus)
  return () => {
    document.removeEventListener("focusin", onFocus)
    observer.disconnect()
  }
}

function buttonOf(target: Element): Element | undefined {
  const button = target.closest("[role=menu]")?.getAttribute("aria-labelledby")
  return button ? (target.ownerDocument.getElementById(button) ?? undefined) : undefined
}
