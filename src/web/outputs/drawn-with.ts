/** What a notebook's own metadata says that its outputs are drawn with. Pure. */
import { isObject, type JsonObject, own, plain } from "#base/json.ts"

/** The name of the kernelspec, and the widgets as they stood when it was saved. */
export type DrawnWith = { readonly kernel: string | undefined; readonly widgetState: unknown }

export function drawnWith(metadata: JsonObject): DrawnWith {
  const kernelspec = own(metadata, "kernelspec")
  const kernel = isObject(kernelspec) ? own(kernelspec, "name") : undefined
  const widgets = own(metadata, "widgets")
  const state = isObject(widgets) ? own(widgets, "application/vnd.jupyter.widget-state+json") : undefined
  return { kernel: typeof kernel === "string" ? kernel : undefined, widgetState: state === undefined ? undefined : plain(state) }
}
