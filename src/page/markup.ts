/**
 * HTML that is safe by how it was made: whatever stands in a hole of `html` is escaped, unless it is Markup itself.
 * Only the few places that call `trusted` have to be read with suspicion.
 *
 * All markup of a page is in one strict form (double-quoted attributes, no `<` inside them, every tag closed), so that
 * every HTML parser reads it alike; page.attack.test.ts holds the whole page to that.
 */
export type Markup = { readonly markup: string }

export type Part = Markup | string | number | undefined | false | readonly Part[]

export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let markup = strings[0] ?? ""
  parts.forEach((part, index) => {
    markup += textOfPart(part) + (strings[index + 1] ?? "")
  })
  return { markup }
}

/** Text that is known to be HTML in the strict form: what our own renderers and the sanitiser made. */
export function trusted(markup: string): Markup {
  return { markup }
}

export const NOTHING: Markup = { markup: "" }

function textOfPart(part: Part): string {
  if (part === undefined || part === false) return ""
  if (typeof part === "string") return escaped(part)
  if (typeof part === "number") return String(part)
  return "markup" in part ? part.markup : part.map(textOfPart).join("")
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }
// HTML cannot hold most control characters; readers would drop or replace them silently. U+2400… are their pictures.
const UNSAFE = /[&<>"'\x00-\x08\x0b\x0c\x0e-\x1f\x7f\r]/g

/** The text for any place in HTML: between tags or inside a double-quoted attribute. */
export function escaped(text: string): string {
  return text.replace(UNSAFE, (found) => ENTITIES[found] ?? picture(found))
}

function picture(control: string): string {
  return control === "\x7f" ? "\u2421" : control === "\r" ? "&#13;" : String.fromCharCode(0x2400 + control.charCodeAt(0))
}
