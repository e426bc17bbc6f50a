/** The keyboard over the whole page: what an editor or a field does not want. */
import { useCallback, useEffect, useRef } from "react"
import { act } from "#web/notebook/act.ts"
import { copiedText, pasteText } from "#web/notebook/act-cells.ts"
import type { Command } from "#web/notebook/bindings.ts"
import type { Desk } from "#web/notebook/desk-type.ts"
import { hearKey } from "#web/notebook/keyboard.ts"
import type { OpenNotebook } from "#web/notebook/open-notebook.ts"
import { pasteIntoCell, pictureIn } from "#web/notebook/paste.ts"
import { IS_MAC } from "#web/notebook/platform.ts"

const SEQUENCE_MS = 1_000
/** Whoever types at all has seen after a pause of this length where they are. */
const TYPING_ON_MS = 1_200
const CLIPBOARD = new Set<Command>(["cells.copy", "cells.cut", "cells.paste"])

export function useKeys(notebook: OpenNotebook, perform: (command: Command) => void): (event: KeyboardEvent) => boolean {
  const begun = useRef({ keys: "", at: 0 })
  const isTypedOn = useTypedOn(notebook)
  const isPassing = usePassing(notebook)
  const hear = useCallback(
    (event: KeyboardEvent): boolean => {
      if (event.isComposing || event.defaultPrevented) return false
      if (isTypedOn(event)) return true
      if (isPassing(event)) return false
      const { mode } = notebook.selection.get()
      const isFresh = event.timeStamp - begun.current.at < SEQUENCE_MS
      const heard = hearKey(pressedIn(event), { mode, begun: isFresh ? begun.current.keys : "", isMac: IS_MAC })
      if (heard.heard === "nothing") {
        if (!["Shift", "Control", "Alt", "Meta"].includes(event.key)) begun.current = { keys: "", at: 0 }
        return false
      }
      begun.current = heard.heard === "begun" ? { keys: heard.keys, at: event.timeStamp } : { keys: "", at: 0 }
      // The clipboard's own events follow, and need no permission.
      if (heard.heard === "command" && CLIPBOARD.has(heard.command) && (event.ctrlKey || event.metaKey)) return false
      event.preventDefault()
      event.stopPropagation()
      if (heard.heard === "command") perform(heard.command)
      return true
    },
    [notebook, perform, isTypedOn, isPassing],
  )
  useEffect(() => {
    const onDocument = (event: KeyboardEvent) => {
      if (isOurs(event.target, event.key)) hear(event)
      else if (isEverywhere(event)) hear(event)
    }
    document.addEventListener("keydown", onDocument)
    return () => document.removeEventListener("keydown", onDocument)
  }, [hear])
  return hear
}

/**
 * Somebody else took away the cell in which one types: what is typed on would be commands, `d d` among them. Such keys do nothing
 * until there is a pause.
 */
function useTypedOn({ selection }: OpenNotebook): (event: KeyboardEvent) => boolean {
  const last = useRef<number>(undefined)
  useEffect(() => {
    let was = false
    return selection.subscribe(() => {
      const { isThrownOut = false } = selection.get()
      if (isThrownOut !== was) last.current = isThrownOut ? performance.now() : undefined
      was = isThrownOut
    })
  }, [selection])
  return useCallback((event: KeyboardEvent) => {
    const { current } = last
    const isTyped = !event.ctrlKey && !event.metaKey && !event.altKey && (event.key.length === 1 || /^(?:Enter|Backspace|Delete)$/u.test(event.key))
    if (current === undefined || !isTyped) return false
    if (event.timeStamp - current > TYPING_ON_MS) {
      last.current = undefined
      return false
    }
    last.current = event.timeStamp
    event.preventDefault()
    return true
  }, [])
}

/**
 * Whoever comes into an editor by Tab goes out of it by Tab, until they do anything else there: no editor holds the focus, and none is
 * indented by going past. Outside of editors, and for who may not write, Tab is always the browser's.
 */
function usePassing({ state }: OpenNotebook): (event: KeyboardEvent) => boolean {
  const cameByTab = useRef(false)
  useEffect(() => {
    const stay = () => {
      cameByTab.current = false
    }
    const onKey = ({ key, target }: KeyboardEvent) => {
      if (key === "Tab") cameByTab.current ||= !isInEditor(target)
      else if (key !== "Shift") stay()
    }
    // Before anybody else hears it: the focus has not moved yet.
    document.addEventListener("keydown", onKey, true)
    document.addEventListener("pointerdown", stay, true)
    return () => {
      document.removeEventListener("keydown", onKey, true)
      document.removeEventListener("pointerdown", stay, true)
    }
  }, [])
  return useCallback(
    ({ key, target }: KeyboardEvent) => key === "Tab" && (!isInEditor(target) || cameByTab.current || state.get().you?.mayEdit === false),
    [state],
  )
}

function isInEditor(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(".cm-editor") !== null
}

function pressedIn({ key, code, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent) {
  return { key, code, ctrl: ctrlKey, meta: metaKey, alt: altKey, shift: shiftKey }
}

const FIELDS = ".cm-editor, input, textarea, select, [contenteditable]"
const OVER = "[role=dialog], [role=alertdialog], [role=menu], [role=listbox]"
/** What a button or a link does by itself. */
const OF_BUTTONS = /^( |Enter|Tab|Escape|Home|End|Page.*|Arrow.*)$/

/** A cell itself, or nothing in particular; never a field, a key that a button has of its own, or a dialog. */
function isOurs(target: EventTarget | null, key = ""): boolean {
  if (!(target instanceof HTMLElement) || target.closest(FIELDS) || target.closest(OVER)) return false
  if (target === document.body) return document.querySelector(OVER) === null
  if (target.closest("button, a[href], summary")) return !OF_BUTTONS.test(key)
  return target.closest("main") !== null
}

/** Saving and searching work wherever one is on the page. */
function isEverywhere(event: KeyboardEvent): boolean {
  if (!(event.target instanceof HTMLElement) || event.target.closest("[role=dialog], [role=alertdialog], .cm-editor")) return false
  return (IS_MAC ? event.metaKey : event.ctrlKey) && ["s", "f", "h", "p"].includes(event.key.toLowerCase())
}

/** Cells go through the clipboard's own events: to another notebook, another tab, or a text file. */
export function useClipboard(desk: Desk): void {
  useEffect(() => {
    const isForCells = (event: ClipboardEvent) => isOurs(event.target) && desk.notebook.selection.get().mode === "command"
    const onPaste = (event: ClipboardEvent) => {
      if (!isForCells(event)) return
      event.preventDefault()
      if (!desk.notebook.state.get().you?.mayEdit) return
      if (pictureIn(event)) pasteIntoCell(desk, "", event)
      else pasteText(desk, event.clipboardData?.getData("text/plain") ?? "", "after")
    }
    const onCopy = (event: ClipboardEvent) => {
      // Text that is marked in an output is what is meant.
      if (!isForCells(event) || globalThis.getSelection()?.isCollapsed === false) return
      const text = copiedText(desk.notebook)
      if (text === "") return
      event.preventDefault()
      event.clipboardData?.setData("text/plain", text)
      act(desk, event.type === "cut" ? "cells.cut" : "cells.copy")
    }
    document.addEventListener("paste", onPaste)
    document.addEventListener("copy", onCopy)
    document.addEventListener("cut", onCopy)
    return () => {
      document.removeEventListener("paste", onPaste)
      document.removeEventListener("copy", onCopy)
      document.removeEventListener("cut", onCopy)
    }
  }, [desk])
}
