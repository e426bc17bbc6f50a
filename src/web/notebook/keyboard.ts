/**
 * Jupyter's keyboard, as data: what is pressed, in which mode, does what. The same table decides what a key does, fills the
 * dialog behind `?`, and is the palette of commands.
 *
 * A binding is written as Jupyter writes it: "Ctrl+Shift+-", or keys after one another: "D D". `Mod` is Cmd on a Mac and Ctrl elsewhere.
 */
import { BINDINGS, type Binding, type Command } from "#web/notebook/bindings.ts"

/** In `edit` the keys are the editor's, but for these. */
export type Mode = "command" | "edit"
export type Pressed = {
  readonly key: string
  readonly code: string
  readonly ctrl: boolean
  readonly meta: boolean
  readonly alt: boolean
  readonly shift: boolean
}
export type Heard =
  | { readonly heard: "command"; readonly command: Command }
  /** The beginning of keys after one another. */
  | { readonly heard: "begun"; readonly keys: string }
  | { readonly heard: "nothing" }

type Context = { readonly mode: Mode; readonly begun: string; readonly isMac: boolean }

export function hearKey(pressed: Pressed, context: Context): Heard {
  const stroke = strokeOf(pressed, context.isMac)
  const table = context.isMac ? TABLES.mac : TABLES.other
  const both = context.begun === "" ? stroke : `${context.begun} ${stroke}`
  const command = table[context.mode].get(both) ?? table[context.mode].get(stroke)
  if (command) return { heard: "command", command }
  if (context.mode === "command" && table.begins.has(stroke)) return { heard: "begun", keys: stroke }
  return { heard: "nothing" }
}

/** The stroke in the one way of writing it that the tables use: modifiers in order, letters in capitals. */
function strokeOf(pressed: Pressed, isMac: boolean): string {
  const key = namedKey(pressed)
  const isSign = key.length === 1 && !/[A-Z0-9]/.test(key) && key !== "-"
  const parts = [
    (isMac ? pressed.meta : pressed.ctrl) ? "Mod" : "",
    isMac && pressed.ctrl ? "Ctrl" : "",
    pressed.alt ? "Alt" : "",
    // Which signs take Shift depends on the layout: `?` is `?` however it is typed.
    pressed.shift && !isSign ? "Shift" : "",
    key,
  ]
  return parts.filter((part) => part !== "").join("+")
}

function namedKey({ key, code, ctrl, shift, alt }: Pressed): string {
  if (key === " ") return "Space"
  if (code === "Minus" && (key === "_" || key === "-") && (ctrl || shift)) return "-"
  // With Alt a Mac types other letters; the place of the key tells which it was.
  if (alt && /^Key[A-Z]$/.test(code)) return code.slice(3)
  if (/^Digit[0-9]$/.test(code) && !shift) return code.slice(5)
  return key.length === 1 ? key.toUpperCase() : key
}

type Table = { readonly command: ReadonlyMap<string, Command>; readonly edit: ReadonlyMap<string, Command>; readonly begins: ReadonlySet<string> }

const TABLES = { mac: tableFor(true), other: tableFor(false) }

function tableFor(isMac: boolean): Table {
  const of = (mode: Mode) =>
    new Map(
      BINDINGS.filter((each) => each.modes === "both" || each.modes === mode).flatMap((each) =>
        each.keys.map(
          (keys) =>
            [
              keys
                .split(" ")
                .map((stroke) => ordered(stroke, isMac))
                .join(" "),
              each.command,
            ] as const,
        ),
      ),
    )
  const command = of("command")
  const begins = new Set([...command.keys()].filter((keys) => keys.includes(" ")).map((keys) => keys.split(" ")[0]!))
  return { command, edit: of("edit"), begins }
}

/** On a PC `Ctrl` is what `Mod` is there. */
function ordered(stroke: string, isMac: boolean): string {
  const parts = stroke.endsWith("+-") ? [...stroke.slice(0, -2).split("+"), "-"] : stroke.split("+")
  const names = parts.slice(0, -1).map((part) => (part === "Ctrl" && !isMac ? "Mod" : part))
  const order = ["Mod", "Ctrl", "Alt", "Shift"]
  return [...order.filter((name) => names.includes(name)), parts.at(-1)].join("+")
}

/** As a person reads it: "⇧ ⏎" on a Mac, "Shift+Enter" elsewhere. */
export function writtenKeys(keys: string, isMac: boolean): string {
  const named = keys.replaceAll("ArrowUp", "↑").replaceAll("ArrowDown", "↓")
  if (!isMac) return named.replaceAll("Mod", "Ctrl").replaceAll(" ", ", ")
  return named
    .split(" ")
    .map((stroke) => stroke.replace("Mod+", "⌘").replace("Ctrl+", "⌃").replace("Alt+", "⌥").replace("Shift+", "⇧").replace("Enter", "⏎"))
    .join(", ")
}

/** Those whose words or keys hold every word of what was typed. */
export function searchBindings(typed: string, isMac: boolean): readonly Binding[] {
  const words = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "")
  return BINDINGS.filter((each) => {
    const text = `${each.words} ${each.group} ${each.keys.map((keys) => writtenKeys(keys, isMac)).join(" ")}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}
