import type { Api } from "#api/serve/handler.ts"
import type { Actor } from "#people/index.ts"

/** Who calls a tool; `gone`: they wait no more. */
export type Calling = { readonly api: Api; readonly actor: Actor; readonly gone: AbortSignal }
