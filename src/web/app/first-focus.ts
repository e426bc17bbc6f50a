/**
 * A dialog has its first focus where one begins. Mantine gives it to what asks for it (`data-autofocus`) and is drawn at once, else to the first
 * thing that takes any: the button that closes. Here it goes from there to the first field, also of a form that comes once its data has.
 * `data-begins` marks what is begun with where that is another field, or a button.
 */

const DIALOG = ".mantine-Modal-content"
const CLOSE = ".mantine-Modal-close"
const FIELD = ":is(input, textarea, select):not([type=hidden], :disabled)"
const ASKED = `[data-autofocus], [data-begins]${FIELD}, [data-begins] ${FIELD}, button[data-begins]:not(:disabled)`

/** Looks after all dialogs of the document. Gives what ends it. */
export function firstFocus(document: Document): () => void {
  const met = new WeakSet<Element>()
  let leave = () => {}
  const onFocus = ({ target }: FocusEvent) => {
    const dialog = target instanceof Element ? target.closest(DIALOG) : null
    if (!dialog || met.has(dialog)) return
    met.add(dialog)
    leave()
    leave = lead(dialog)
  }
  document.addEventListener("focusin", onFocus)
  return () => {
    document.removeEventListener("focusin", onFocus)
    leave()
  }
}

/** Until the person does something: from then on the focus is theirs. */
function lead(dialog: Element): () => void {
  const document = dialog.ownerDocument
  let put: Element | undefined
  const look = () => {
    const at = document.activeElement
    if (!dialog.isConnected) return leave()
    if (!at || (at !== put && !at.matches(CLOSE))) return
    const to = beginning(dialog)
    if (!to || to === at) return
    put = to
    to.focus({ preventScroll: true })
  }
  const observer = new MutationObserver(look)
  const leave = () => {
    observer.disconnect()
    dialog.removeEventListener("focusin", look)
    for (const act of ["keydown", "pointerdown"]) document.removeEventListener(act, leave, true)
  }
  observer.observe(dialog, { childList: true, subtree: true })
  // Mantine looks twice, and would take it back.
  dialog.addEventListener("focusin", look)
  for (const act of ["keydown", "pointerdown"]) document.addEventListener(act, leave, true)
  look()
  return leave
}

function beginning(dialog: Element): HTMLElement | undefined {
  const seen = (selector: string) => [...dialog.querySelectorAll<HTMLElement>(selector)].find((one) => one.checkVisibility())
  return seen(ASKED) ?? seen(`.mantine-Modal-body ${FIELD}`)
}
