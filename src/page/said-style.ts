/**
 * What is kept of the style that an author gave a piece of Markdown: the colours of text and ground, its alignment, and whether text flows
 * around it. Colours are values that can say nothing but a colour; where they stand, they are moved to where they can be read.
 */
export type SaidStyle = {
  readonly ink?: string
  readonly ground?: string
  readonly align?: "left" | "right" | "center"
  readonly float?: "left" | "right"
  readonly isCleared?: true
}

const COLOUR = /^(?:#[\da-f]{3,8}|[a-z]{3,20}|(?:rgb|hsl)a?\([\d.,%/\s]{5,40}\))$/
const KEYWORDS = new Set(["inherit", "initial", "unset", "revert", "transparent", "currentcolor", "none", "auto"])

/** From the text of a `style` attribute. */
export function saidStyle(style: string): SaidStyle {
  const said = new Map(style.slice(0, 1000).toLowerCase().split(";").map(declaration))
  const [ink, ground] = [colour(said.get("color")), colour(said.get("background-color") ?? said.get("background"))]
  const [align, float] = [said.get("text-align"), said.get("float")]
  return {
    ...(ink === undefined ? {} : { ink }),
    ...(ground === undefined ? {} : { ground }),
    ...(align === "left" || align === "right" || align === "center" ? { align } : {}),
    ...(float === "left" || float === "right" ? { float } : {}),
    ...(said.has("clear") ? { isCleared: true } : {}),
  }
}

/** Undefined for what is no colour. */
export function colour(value: string | undefined): string | undefined {
  const bare = value?.trim().toLowerCase() ?? ""
  return COLOUR.test(bare) && !KEYWORDS.has(bare) ? bare : undefined
}

function declaration(text: string): [string, string] {
  const [name = "", ...value] = text.split(":")
  return [name.trim(), value.join(":").replace("!important", "").trim()]
}
