/** Every command of the notebook page: its words, its keys, and where they work. `keyboard.ts` reads it. */
export type Command =
  | "edit.enter"
  | "edit.leave"
  | "run.next"
  | "run.stay"
  | "run.insert"
  | "run.all"
  | "run.above"
  | "run.below"
  | "kernel.interrupt"
  | "kernel.restart"
  | "kernel.restartRunAll"
  | "kernel.stop"
  | "cell.above"
  | "cell.below"
  | "cell.first"
  | "cell.last"
  | "select.above"
  | "select.below"
  | "select.first"
  | "select.last"
  | "select.all"
  | "insert.above"
  | "insert.below"
  | "cells.cut"
  | "cells.copy"
  | "cells.paste"
  | "cells.pasteAbove"
  | "cells.delete"
  | "cells.duplicate"
  | "undo"
  | "redo"
  | "type.code"
  | "type.markdown"
  | "type.raw"
  | "heading.1"
  | "heading.2"
  | "heading.3"
  | "heading.4"
  | "heading.5"
  | "heading.6"
  | "cells.merge"
  | "cell.mergeAbove"
  | "cell.mergeBelow"
  | "cell.split"
  | "cells.moveUp"
  | "cells.moveDown"
  | "cell.toggleCode"
  | "cell.toggleOutput"
  | "cell.toggleScroll"
  | "all.toggleCode"
  | "all.toggleOutput"
  | "outputs.clear"
  | "outputs.clearAll"
  | "cell.lines"
  | "all.lines"
  | "cell.tags"
  | "cell.parameters"
  | "complete"
  | "inspect"
  | "comment"
  | "save"
  | "saveNamed"
  | "find"
  | "replace"
  | "keys"
  | "palette"
  | "page.down"
  | "page.up"
  | "dismiss"
  | "print"
  | "rail.outline"
  | "rail.variables"
  | "rail.files"
  | "rail.environment"
  | "rail.readiness"
  | "rail.comments"

export type Binding = {
  readonly command: Command
  /** Capitalised, a verb first. */
  readonly words: string
  readonly group: "Modes" | "Run" | "Kernel" | "Move around" | "Select" | "Change cells" | "Show" | "Notebook" | "Edit"
  readonly modes: "command" | "edit" | "both"
  readonly keys: readonly string[]
  /** What takes the right to edit, or to run, is refused to who has it not. */
  readonly takes?: "edit" | "run"
}

const run = { group: "Run", modes: "both", takes: "run" } as const
const kernel = { group: "Kernel", modes: "command", takes: "run" } as const
const move = { group: "Move around", modes: "command" } as const
const select = { group: "Select", modes: "command" } as const
const change = { group: "Change cells", modes: "command", takes: "edit" } as const
const show = { group: "Show", modes: "command" } as const
const notebook = { group: "Notebook", modes: "both" } as const
const edit = { group: "Edit", modes: "edit" } as const

export const BINDINGS: readonly Binding[] = [
  { command: "edit.enter", words: "Edit the cell", group: "Modes", modes: "command", keys: ["Enter"] },
  { command: "edit.leave", words: "Leave the editor", group: "Modes", modes: "edit", keys: ["Escape", "Ctrl+M"] },
  { command: "dismiss", words: "Close what is open", group: "Modes", modes: "command", keys: ["Escape"] },
  { ...run, command: "run.next", words: "Run the cell and go to the next", keys: ["Shift+Enter"] },
  { ...run, command: "run.stay", words: "Run the cell and stay", keys: ["Ctrl+Enter", "Mod+Enter"] },
  { ...run, command: "run.insert", words: "Run the cell and insert one below", keys: ["Alt+Enter"] },
  { ...run, command: "run.all", words: "Run all cells", keys: ["Mod+Shift+Enter"] },
  { ...run, command: "run.above", words: "Run all cells above", keys: [] },
  { ...run, command: "run.below", words: "Run this cell and all below", keys: [] },
  { ...kernel, command: "kernel.interrupt", words: "Interrupt the kernel", keys: ["I I"] },
  { ...kernel, command: "kernel.restart", words: "Restart the kernel", keys: ["0 0"] },
  { ...kernel, command: "kernel.restartRunAll", words: "Restart the kernel and run all cells", keys: ["0 R"] },
  { ...kernel, command: "kernel.stop", words: "Stop the session", keys: [] },
  { ...move, command: "cell.above", words: "Go to the cell above", keys: ["ArrowUp", "K"] },
  { ...move, command: "cell.below", words: "Go to the cell below", keys: ["ArrowDown", "J"] },
  { ...move, command: "cell.first", words: "Go to the first cell", keys: ["Home", "Mod+ArrowUp", "Mod+Home"] },
  { ...move, command: "cell.last", words: "Go to the last cell", keys: ["End", "Mod+ArrowDown", "Mod+End"] },
  { ...move, command: "page.down", words: "Scroll down", keys: ["Space", "PageDown"] },
  { ...move, command: "page.up", words: "Scroll up", keys: ["Shift+Space", "PageUp"] },
  { ...select, command: "select.above", words: "Extend the selection upwards", keys: ["Shift+ArrowUp", "Shift+K"] },
  { ...select, command: "select.below", words: "Extend the selection downwards", keys: ["Shift+ArrowDown", "Shift+J"] },
  { ...select, command: "select.first", words: "Extend the selection to the first cell", keys: ["Shift+Home"] },
  { ...select, command: "select.last", words: "Extend the selection to the last cell", keys: ["Shift+End"] },
  { ...select, command: "select.all", words: "Select all cells", keys: ["Mod+A"] },
  { ...change, command: "insert.above", words: "Insert a cell above", keys: ["A"] },
  { ...change, command: "insert.below", words: "Insert a cell below", keys: ["B"] },
  { ...change, command: "cells.cut", words: "Cut the selected cells", keys: ["X", "Mod+X"] },
  { command: "cells.copy", words: "Copy the selected cells", group: "Change cells", modes: "command", keys: ["C", "Mod+C"] },
  { ...change, command: "cells.paste", words: "Paste cells below", keys: ["V", "Mod+V"] },
  { ...change, command: "cells.pasteAbove", words: "Paste cells above", keys: ["Shift+V"] },
  { ...change, command: "cells.duplicate", words: "Duplicate the selected cells", keys: [] },
  { ...change, command: "cells.delete", words: "Delete the selected cells", keys: ["D D", "Delete"] },
  { ...change, command: "undo", words: "Undo", keys: ["Z", "Mod+Z"] },
  { ...change, command: "redo", words: "Redo", keys: ["Shift+Z", "Mod+Shift+Z", "Mod+Y"] },
  { ...change, command: "type.code", words: "Make it code", keys: ["Y"] },
  { ...change, command: "type.markdown", words: "Make it markdown", keys: ["M"] },
  { ...change, command: "type.raw", words: "Make it raw", keys: ["R"] },
  ...([1, 2, 3, 4, 5, 6] as const).map(
    (level): Binding => ({ ...change, command: `heading.${level}`, words: `Make it a heading of level ${level}`, keys: [String(level)] }),
  ),
  { ...change, command: "cells.merge", words: "Merge the selected cells, or with the one below", keys: ["Shift+M"] },
  { ...change, command: "cell.mergeAbove", words: "Merge with the cell above", keys: ["Ctrl+Backspace"] },
  { ...change, command: "cell.mergeBelow", words: "Merge with the cell below", keys: ["Ctrl+Shift+M"] },
  { ...change, command: "cell.split", words: "Split the cell at the cursor", modes: "both", keys: ["Ctrl+Shift+-"] },
  { ...change, command: "cells.moveUp", words: "Move the selected cells up", modes: "both", keys: ["Alt+ArrowUp", "Ctrl+Shift+ArrowUp"] },
  { ...change, command: "cells.moveDown", words: "Move the selected cells down", modes: "both", keys: ["Alt+ArrowDown", "Ctrl+Shift+ArrowDown"] },
  { ...change, command: "cell.tags", words: "Edit the tags", keys: ["T"] },
  { ...change, command: "cell.parameters", words: "Make parameters cell", keys: [] },
  { ...show, command: "cell.toggleCode", words: "Collapse or show the code", keys: ["Shift+C"] },
  { ...show, command: "cell.toggleOutput", words: "Collapse or show the output", keys: ["O"] },
  { ...show, command: "cell.toggleScroll", words: "Let the output scroll, or show all of it", keys: ["Shift+O"] },
  { ...show, command: "all.toggleCode", words: "Collapse or show the code of all cells", keys: [] },
  { ...show, command: "all.toggleOutput", words: "Collapse or show all outputs", keys: [] },
  { ...change, command: "outputs.clear", words: "Clear the output", keys: [] },
  { ...change, command: "outputs.clearAll", words: "Clear all outputs", keys: [] },
  { ...show, command: "cell.lines", words: "Show or hide line numbers", keys: ["L"] },
  { ...show, command: "all.lines", words: "Show or hide line numbers everywhere", keys: ["Shift+L"] },
  { ...show, command: "rail.outline", words: "Show the outline", keys: [] },
  { ...show, command: "rail.variables", words: "Show the variables", keys: [] },
  { ...show, command: "rail.files", words: "Show the files", keys: [] },
  { ...show, command: "rail.readiness", words: "Check readiness", keys: [] },
  { ...show, command: "rail.comments", words: "Show the comments", keys: [] },
  { ...show, command: "rail.environment", words: "Show the environment", keys: [] },
  { ...notebook, command: "save", words: "Save a version", keys: ["Mod+S"], takes: "edit" },
  { ...notebook, command: "save", words: "Save a version", modes: "command", keys: ["S"], takes: "edit" },
  { ...notebook, command: "saveNamed", words: "Save and name a version", keys: ["Mod+Shift+S"], takes: "edit" },
  { ...notebook, command: "find", words: "Find in the notebook", keys: ["Mod+F"] },
  { ...notebook, command: "find", words: "Find in the notebook", modes: "command", keys: ["F"] },
  { ...notebook, command: "replace", words: "Find and replace", keys: ["Mod+H"] },
  { ...notebook, command: "keys", words: "Show the keys", modes: "command", keys: ["?", "H"] },
  { ...notebook, command: "palette", words: "Search commands", keys: ["Mod+Shift+C", "F1"] },
  { ...notebook, command: "palette", words: "Search commands", modes: "command", keys: ["P"] },
  { ...notebook, command: "print", words: "Print", keys: ["Mod+P"] },
  { ...edit, command: "complete", words: "Complete, or indent", keys: ["Tab"] },
  { ...edit, command: "inspect", words: "Explain what is at the cursor", keys: ["Shift+Tab"] },
  { ...edit, command: "comment", words: "Comment the lines out, or in", keys: ["Mod+/"], takes: "edit" },
]
