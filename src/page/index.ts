export { html, type Markup, NOTHING, type Part, trusted } from "#page/markup.ts"
export { type PageOptions, page } from "#page/page.ts"
export { TOKENS } from "#page/tokens.ts"
