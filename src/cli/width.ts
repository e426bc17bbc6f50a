/** How many columns of a terminal a text takes, as far as that can be told without asking the terminal. */

const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u
const NONE = /[\p{Mn}\p{Me}\p{Cf}]/u

export function widthOf(text: string): number {
  let width = 0
  for (const char of text) width += widthOfOne(char)
  return width
}

function widthOfOne(char: string): number {
  return WIDE.test(char) ? 2 : NONE.test(char) ? 0 : 1
}

/** As much of the text as fits, with … where it was cut. */
export function fitted(text: string, room: number): string {
  if (widthOf(text) <= room) return text
  let shown = ""
  let left = room - 1
  for (const char of text) {
    left -= widthOfOne(char)
    if (left < 0) break
    shown += char
  }
  return room > 0 ? `${shown}…` : ""
}
