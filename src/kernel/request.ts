import type { JsonObject } from "#base/json.ts"
import type { Execute, SendMore } from "#kernel/ports.ts"

/** An Execute in the words of the wire: the content of execute_request. */
export function executeContent(request: Execute): JsonObject {
  const silent = request.silent ?? false
  return {
    code: request.code,
    silent,
    store_history: request.storeHistory ?? !silent,
    user_expressions: request.userExpressions ?? {},
    allow_stdin: request.allowStdin ?? false,
    stop_on_error: request.stopOnError ?? true,
  }
}

/** What goes with it: the execute it depends on, as metadata that kernels without "conditional execute" ignore, and its subshell. */
export function executeMore(request: Execute): SendMore {
  return {
    ...(request.after === undefined ? {} : { metadata: { stet: { after: request.after } } }),
    ...(request.subshellId === undefined ? {} : { subshellId: request.subshellId }),
  }
}
