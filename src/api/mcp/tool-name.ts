/** A template's name as the name of a tool: letters, digits, _ and -, at most 64, and never the same for two templates. Pure. */

export type Digest = (text: string) => string

const PREFIX = "run_"
const LONGEST = 64
const DIGITS = 8
/** The tool that runs whichever template is named. */
export const RUN_ANY = "run_template"

/** `finance/weekly` becomes `run_finance__weekly`. What could be meant by two names carries a digest of the true one. */
export function toolNameOf(template: string, sha256: Digest): string {
  const plain = `${PREFIX}${template.replaceAll("/", "__").replaceAll(".", "_")}`
  if (!/[._]/u.test(template) && plain.length <= LONGEST && plain !== RUN_ANY) return plain
  return `${plain.slice(0, LONGEST - DIGITS - 1)}_${sha256(template).slice(0, DIGITS)}`
}

export function isOfTemplate(tool: string): boolean {
  return tool.startsWith(PREFIX) && tool !== RUN_ANY
}

/** The name, where it can be read off the tool's; else it must be looked for. */
export function templateNameIn(tool: string, sha256: Digest): string | undefined {
  const guess = tool.slice(PREFIX.length).replaceAll("__", "/")
  return toolNameOf(guess, sha256) === tool ? guess : undefined
}
