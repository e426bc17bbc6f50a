/** How a notebook on a server is named in a shell: `space/folder/report.ipynb`, with `@3` for its third version. */

export type Reference = { readonly notebook: string; readonly version: number | `sha256:${string}` | "latest" }

export function referenceOf(text: string): Reference {
  const [, notebook = text, version = ""] = /^(.+)@(\d+|latest|sha256:[0-9a-f]{64})$/.exec(text) ?? []
  if (version.startsWith("sha256:")) return { notebook, version: version as `sha256:${string}` }
  return { notebook, version: version === "" || version === "latest" ? "latest" : Number(version) }
}

/** `space/path` as the two things that it is. */
export function placeOf(text: string): { readonly space: string; readonly path: string } | undefined {
  const cut = text.indexOf("/")
  return cut > 0 && cut < text.length - 1 ? { space: text.slice(0, cut), path: text.slice(cut + 1) } : undefined
}
