/** What a notebook's own metadata says that its outputs are drawn with. Pure. */
import { isObject, type JsonObject, own, plain } from "#base/json.ts"

/** The name of the kernelspec, the environment that the notebook names, and the widgets as they stood when it was saved. */
export type DrawnWith = { readonly kernel: string | undefined; readonly environment: string | undefined; readonly widgetState: unknown }

export function drawnWith(metadata: JsonObject): DrawnWith {
  const kernelspec = own(metadata, "kernelspec")
  const kernel = isObject(kernelspec) ? own(kernelspec, "name") : undefined
  const stet = own(metadata, "stet")
  const environment = isObject(stet) ? own(stet, "environment") : undefined
  const widgets = own(metadata, "widgets")
  const state = isObject(widgets) ? own(widgets, "application/vnd.jupyter.widget-state+json") : undefined
  return {
    kernel: typeof kernel === "string" ? kernel : undefined,
    environment: typeof environment === "string" && environment !== "" ? environment : undefined,
    widgetState: state === undefined ? undefined : plain(state),
  }
}
