/** PLACEHOLDER */
import type * as Y from "yjs"

export function settle(_doc: Y.Doc, _touched: ReadonlySet<string>): void {}
