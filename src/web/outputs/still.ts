/** Whether HTML only arranges text: then it is cleaned and stands in the app. Anything else is for a frame. Pure. */

const LARGEST = 500_000
const MOVES =
  /<(?:style|script|svg|iframe|frame|object|embed|input|button|form|select|textarea|video|audio|canvas|link|meta|base|math|template|img|title|noscript)\b|\s(?:on[a-z]+|style|id|name|srcdoc|background|bgcolor)\s*=|<!doctype|<html/i
// What the data frames of R and its like bring along.
const HARMLESS_STYLE = /\sstyle="(?:text-align: ?(?:left|right|center);?)"/gi

export function isStill(html: string): boolean {
  return html.length <= LARGEST && !MOVES.test(html.replace(HARMLESS_STYLE, ""))
}
