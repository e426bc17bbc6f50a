/** The colours of a page: one name, one value for paper in daylight, one for the dark. Both are chosen, neither is computed from the other. */
const COLOURS: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  paper: ["#fbfaf7", "#16171a"],
  surface: ["#ffffff", "#1d1f23"],
  sunk: ["#f4f2ec", "#1d1f23"],
  ink: ["#1c1b19", "#ecebe7"],
  soft: ["#55524b", "#b4b1a9"],
  faint: ["#6b675f", "#9a978f"],
  line: ["#e3dfd6", "#31343a"],
  strong: ["#c9c4b8", "#4a4e56"],
  pencil: ["#c2362b", "#ff7a6b"],
  link: ["#1f5a99", "#8fbdf0"],
  running: ["#1f5a99", "#8fbdf0"],
  succeeded: ["#1e6b3c", "#7fce9b"],
  failed: ["#b3361b", "#ff8f75"],
  "failed-wash": ["#fbeeea", "#2c1d1b"],
  waiting: ["#6b675f", "#9a978f"],
  lost: ["#6a3fa0", "#c3a6f2"],
  amber: ["#8a5300", "#e0b060"],
  keyword: ["#7b2d8b", "#d3a0e6"],
  string: ["#1f6645", "#8fce9f"],
  number: ["#8a4b00", "#e5b277"],
  comment: ["#6b675f", "#9a978f"],
  call: ["#1d5592", "#93bff2"],
  type: ["#0b6471", "#7accd6"],
  "a-black": ["#1c1b19", "#8d8a83"],
  "a-red": ["#b3261e", "#ff8a80"],
  "a-green": ["#1e6b3c", "#7fce9b"],
  "a-yellow": ["#7d5700", "#e2c06a"],
  "a-blue": ["#1f4fa3", "#8fb5f5"],
  "a-magenta": ["#8b2a83", "#e29ad9"],
  "a-cyan": ["#0b6471", "#7accd6"],
  "a-white": ["#6b675f", "#ecebe7"],
  // How light, in OKLCH, a colour may be that somebody else chose for letters on the paper.
  darkest: ["0", "0.72"],
  lightest: ["0.52", "1"],
}

function values(which: 0 | 1): string {
  return Object.entries(COLOURS)
    .map(([name, both]) => `--${name}:${both[which]}`)
    .join(";")
}

// Paper is printed on paper: the dark values hold on screens only.
export const TOKENS = `:root{color-scheme:light;${values(0)}}
@media screen and (prefers-color-scheme:dark){:root:not(:has(#stet-light:checked)){color-scheme:dark;${values(1)}}}
@media screen{:root:has(#stet-dark:checked){color-scheme:dark;${values(1)}}}`
