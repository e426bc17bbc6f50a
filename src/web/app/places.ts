/** The addresses of things. Pure; each part is encoded, so that nothing in a name becomes another address. */

function join(...parts: readonly (string | number)[]): string {
  return `/${parts.map((part) => encodeURIComponent(String(part).toWellFormed())).join("/")}`
}

export const notebookHref = (id: string, cell?: string): string =>
  `${join("notebooks", id)}${cell === undefined ? "" : `?cell=${encodeURIComponent(cell)}`}`
/** With the panel open that lists its packages. */
export const packagesHref = (id: string): string => `${join("notebooks", id)}?rail=environment`
/** With the panel open in which one says something about a cell. */
export const commentsHref = (id: string): string => `${join("notebooks", id)}?rail=comments`
export const versionsHref = (id: string, version?: number): string => join("notebooks", id, "versions", ...(version === undefined ? [] : [version]))
export const runHref = (id: string): string => join("runs", id)
export const runsHref = (filters: Readonly<Record<string, string>> = {}): string =>
  Object.keys(filters).length === 0 ? "/runs" : `/runs?${new URLSearchParams(filters)}`
export const templateHref = (name: string): string => join("templates", ...name.split("/"))
export const proposalHref = (id: string): string => join("proposals", id)
export const spaceHref = (space: string, folder = ""): string => join("spaces", space, ...(folder === "" ? [] : folder.split("/")))
/** Of a breadcrumb. */
export const spaceCrumb = (space: string) => ({ label: space, href: spaceHref(space), space })
/** The same place, with its sharing open, for somebody in particular if there is one. */
export const sharing = (href: string, person = ""): string => `${href}?share=${person === "" ? "open" : encodeURIComponent(person)}`
export const searchHref = (q: string): string => `/search?q=${encodeURIComponent(q)}`

/** What a file is downloaded from. */
export const fileContentHref = (space: string, path: string): string => `/api/v1/files/content?${new URLSearchParams({ space, path })}`

/** What a file that a cell has written is downloaded from. */
export const sessionFileHref = (notebook: string, path: string): string =>
  `/api/v1/notebooks/${encodeURIComponent(notebook)}/session-files/content?${new URLSearchParams({ path })}`

/** The last part of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1)
}

/** Everything before it; "" at the top. */
export function parentOf(path: string): string {
  const at = path.lastIndexOf("/")
  return at === -1 ? "" : path.slice(0, at)
}

export function pathIn(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`
}

/** The space and folder that an address names: `/spaces/sales/a%2Fb/c`. */
export function folderAt(pathname: string): { readonly space: string; readonly folder: string } {
  const [, , space = "", ...rest] = pathname.split("/")
  return { space: decoded(space), folder: rest.filter(Boolean).map(decoded).join("/") }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
