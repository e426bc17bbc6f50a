/** Whether every word that was typed begins a word of the text, or stands in it when it is three letters or longer. Pure. */
export function fits(typed: string, text: string): boolean {
  const words = folded(text).split(/[^\p{L}\p{N}]+/u)
  return folded(typed)
    .split(/\s+/u)
    .filter(Boolean)
    .every((part) => words.some((word) => word.startsWith(part) || (part.length >= 3 && word.includes(part))))
}

/** Without case and accents. */
function folded(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()
}
