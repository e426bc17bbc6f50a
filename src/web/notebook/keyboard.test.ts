import { expect, test } from "vitest"
import { BINDINGS } from "#web/notebook/bindings.ts"
import { hearKey, type Mode, type Pressed, searchBindings, writtenKeys } from "#web/notebook/keyboard.ts"

/** "Ctrl+Shift+-" as the browser reports it. */
function press(stroke: string): Pressed {
  const parts = stroke.endsWith("+-") ? [...stroke.slice(0, -2).split("+"), "-"] : stroke.split("+")
  const names = parts.slice(0, -1)
  const last = parts.at(-1) ?? ""
  const shift = names.includes("Shift")
  const key = last === "Space" ? " " : last === "-" && shift ? "_" : last.length === 1 && !shift ? last.toLowerCase() : last
  const code = /^[A-Z]$/.test(last) ? `Key${last}` : /^\d$/.test(last) ? `Digit${last}` : last === "-" ? "Minus" : last
  return { key, code, ctrl: names.includes("Ctrl"), meta: names.includes("Cmd"), alt: names.includes("Alt"), shift }
}

/** What a row of keys does, as "command command". */
function heard(keys: string, mode: Mode = "command", isMac = false): string {
  let begun = ""
  const said: string[] = []
  for (const stroke of keys.split(" ")) {
    const one = hearKey(press(stroke), { mode, begun, isMac })
    begun = one.heard === "begun" ? one.keys : ""
    if (one.heard === "command") said.push(one.command)
  }
  return said.join(" ")
}

test.each([
  ["Enter", "edit.enter"],
  ["Shift+Enter", "run.next"],
  ["Ctrl+Enter", "run.stay"],
  ["Alt+Enter", "run.insert"],
  ["A", "insert.above"],
  ["B", "insert.below"],
  ["X", "cells.cut"],
  ["C", "cells.copy"],
  ["V", "cells.paste"],
  ["Shift+V", "cells.pasteAbove"],
  ["D D", "cells.delete"],
  ["Z", "undo"],
  ["Shift+Z", "redo"],
  ["Y", "type.code"],
  ["M", "type.markdown"],
  ["R", "type.raw"],
  ["3", "heading.3"],
  ["Shift+M", "cells.merge"],
  ["Ctrl+Shift+-", "cell.split"],
  ["I I", "kernel.interrupt"],
  ["0 0", "kernel.restart"],
  ["J", "cell.below"],
  ["K", "cell.above"],
  ["ArrowDown", "cell.below"],
  ["Shift+ArrowDown", "select.below"],
  ["Shift+J", "select.below"],
  ["Ctrl+A", "select.all"],
  ["Alt+ArrowUp", "cells.moveUp"],
  ["O", "cell.toggleOutput"],
  ["Shift+O", "cell.toggleScroll"],
  ["L", "cell.lines"],
  ["Shift+L", "all.lines"],
  ["Ctrl+S", "save"],
  ["S", "save"],
  ["Ctrl+F", "find"],
  ["Ctrl+H", "replace"],
  ["Ctrl+Shift+C", "palette"],
  ["P", "palette"],
  ["H", "keys"],
  ["Space", "page.down"],
  ["Shift+Space", "page.up"],
])("in command mode, %s is %s, as in Jupyter", (keys, command) => {
  expect(heard(keys)).toBe(command)
})

test.each([
  ["Escape", "edit.leave"],
  ["Ctrl+M", "edit.leave"],
  ["Shift+Enter", "run.next"],
  ["Ctrl+Enter", "run.stay"],
  ["Alt+Enter", "run.insert"],
  ["Ctrl+Shift+-", "cell.split"],
  ["Tab", "complete"],
  ["Shift+Tab", "inspect"],
  ["Ctrl+S", "save"],
  ["D D", ""],
  ["A", ""],
  ["ArrowDown", ""],
  ["Ctrl+Z", ""],
])("in edit mode, %s is %s, and the rest is the editor's", (keys, command) => {
  expect(heard(keys, "edit")).toBe(command)
})

test("a question mark shows the keys whatever the layout takes to type it", () => {
  const typed = { key: "?", code: "Minus", ctrl: false, meta: false, alt: false, shift: true }
  expect(hearKey(typed, { mode: "command", begun: "", isMac: false })).toEqual({ heard: "command", command: "keys" })
})

test("a key that does not follow on begins anew", () => {
  expect(heard("D A D D")).toBe("insert.above cells.delete")
  expect(heard("D I I")).toBe("kernel.interrupt")
})

test("on a Mac, Cmd is what Ctrl is elsewhere, and Ctrl itself still runs and splits", () => {
  expect(heard("Cmd+S", "command", true)).toBe("save")
  expect(heard("Ctrl+Enter", "edit", true)).toBe("run.stay")
  expect(heard("Cmd+Enter", "edit", true)).toBe("run.stay")
  expect(heard("Ctrl+Shift+-", "edit", true)).toBe("cell.split")
  expect(heard("Ctrl+S", "command", true)).toBe("")
})

test("no two commands have the same key in the same mode", () => {
  for (const mode of ["command", "edit"] as const) {
    const keys = BINDINGS.filter((each) => each.modes === mode || each.modes === "both").flatMap((each) =>
      each.keys.map((key) => [key.replaceAll("Mod", "Ctrl"), each.command]),
    )
    const byKey = Map.groupBy(keys, ([key]) => key)
    const clashing = [...byKey].filter(([, uses]) => new Set(uses.map(([, command]) => command)).size > 1)
    expect(clashing).toEqual([])
  }
})

test("a command is found by its words and by its keys", () => {
  expect(searchBindings("split cursor", false).map((each) => each.command)).toEqual(["cell.split"])
  expect(searchBindings("ctrl+s", false).map((each) => each.command)).toContain("save")
  expect(searchBindings("no such thing", false)).toEqual([])
})

test("keys are written as the keyboard at hand has them", () => {
  expect(writtenKeys("Mod+Shift+C", false)).toBe("Ctrl+Shift+C")
  expect(writtenKeys("Mod+Shift+C", true)).toBe("⌘⇧C")
  expect(writtenKeys("D D", false)).toBe("D, D")
})
