import { readFileSync } from "node:fs"

/**
 * What a tool says of itself: the comment at its head.
 *
 * @param {string} file
 */
export function usageOf(file) {
  const [, comment = ""] = /^\/\*\*\n([\s\S]*?)\n \*\/\n/.exec(readFileSync(file, "utf8")) ?? []
  return `${comment.replaceAll(/^ \* ?/gm, "")}\n`
}

/** Whether that was asked for. */
export function wantsUsage() {
  return process.argv.some((word) => word === "--help" || word === "-h")
}
