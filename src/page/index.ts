export { type PageOptions, page } from "#page/page.ts"
