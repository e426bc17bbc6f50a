/** Texts in sources of which only texts matter: found by their quotes, comments left out. */
import { type Mentions, NOTHING } from "#library/manifest-mentions.ts"

const NO_COMMENT = "(?!)"
const COMMENTS: { readonly [language: string]: string } = {
  r: "#[^\\n]*",
  julia: "#=[\\s\\S]*?=#|#[^\\n]*",
  javascript: "//[^\\n]*|/\\*[\\s\\S]*?\\*/",
  typescript: "//[^\\n]*|/\\*[\\s\\S]*?\\*/",
  scala: "//[^\\n]*|/\\*[\\s\\S]*?\\*/",
  sql: "--[^\\n]*",
  python: "#[^\\n]*",
}
// In Julia and Scala a single quote is a character, or transposes a matrix.
const QUOTES: { readonly [language: string]: string } = { julia: '"', scala: '"', javascript: "\"'`", typescript: "\"'`" }

/** What stands between quotes; what a language puts into a text (`${x}`, `$x`, `{x}`) becomes a `*`. */
export function quotedTexts(source: string, language: string): Mentions {
  const comment = COMMENTS[language] ?? NO_COMMENT
  const quotes = QUOTES[language] ?? "\"'"
  const pattern = new RegExp(`${comment}|("""|'''|[${quotes}])((?:\\\\[\\s\\S]|(?!\\1)[^\\\\])*)\\1`, "g")
  const texts = Array.from(source.matchAll(pattern), (match) => match[2] ?? "").map(withStars)
  return { ...NOTHING, texts: texts.filter((text) => text !== "") }
}

function withStars(text: string): string {
  return text
    .replace(/\$\{[^}]*\}|\$\([^)]*\)|\$\w+|\{[^{}]*\}/g, "*")
    .replace(/\\(["'`\\])/g, "$1")
    .replace(/\*+/g, (stars) => (stars.length === 2 ? "**" : "*"))
}

const SHELL_WORD = /"((?:\\.|[^"\\])*)"|'([^']*)'|((?:\\.|[^\s"'|&;<>()`])+)/g
const INTERPRETER = /(?:^|\/)(?:python[\d.]*|ipython|bash|sh|Rscript|julia|node|deno)$/

/** The words of shell commands. What an interpreter is given first is code that runs. */
export function shellWords(source: string): Mentions {
  const texts: string[] = []
  const runs: string[] = []
  for (const line of source.replace(/\\\r?\n/g, " ").split(/\r?\n|&&|\|\|?|;/)) {
    const words = Array.from(line.replace(/(?:^|\s)#.*$/, "").matchAll(SHELL_WORD), (match) => match[1] ?? match[2] ?? match[3] ?? "")
    texts.push(...words.flatMap((word) => [word, ...(word.includes("=") ? [word.slice(word.indexOf("=") + 1)] : [])]).map(withStars))
    const at = words.findIndex((word) => INTERPRETER.test(word))
    const script = at < 0 ? undefined : words.slice(at + 1).find((word) => !word.startsWith("-"))
    if (script !== undefined) runs.push(script)
  }
  return { ...NOTHING, texts: [...new Set(texts)].filter((text) => text !== "" && !text.startsWith("-")), runs }
}

// Bounded repetitions: thousands of beginnings without an end would each be looked at to the end of the text.
const MARKDOWN_IMAGE = /!\[[^\]]{0,300}\]\([ \t]{0,9}(?:<([^>\n]{0,1024})>|([^\s)]{1,1024}))/g
const REFERENCE = /^ {0,3}\[[^\]\n]{1,300}\]:[ \t]{0,9}(?:<([^>\n]{0,1024})>|(\S{1,1024}))/gm
const HTML_SOURCE =
  /<(?:img|source|video|audio|embed)\b[^<>]{0,1024}?\bsrc[ \t]{0,9}=[ \t]{0,9}(?:"([^"]{0,1024})"|'([^']{0,1024})'|([^\s>]{1,1024}))/gi

/** The images of a text in Markdown or HTML. */
export function images(source: string): Mentions {
  const found = [MARKDOWN_IMAGE, REFERENCE, HTML_SOURCE].flatMap((pattern) =>
    Array.from(source.matchAll(pattern), (match) => match[1] ?? match[2] ?? match[3] ?? ""),
  )
  // An address is no pattern: its own brackets and stars stand for themselves.
  const texts = found.map((address) => unescapedAddress(address.replace(/[?#].*$/, ""))).filter((text) => text !== "" && !/[*?[\]]/.test(text))
  return { ...NOTHING, texts }
}

function unescapedAddress(address: string): string {
  try {
    return decodeURIComponent(address)
  } catch {
    return address
  }
}
