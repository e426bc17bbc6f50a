import type { Answered } from "#api/contract.ts"
import type { Crumb } from "#web/app/page.tsx"
import { nameOf, parentOf, spaceCrumb, spaceHref } from "#web/app/places.ts"

export type NotebookInfo = Answered<"getNotebook">

/** From the space through the folders to the notebook. */
export function crumbsOf({ space, path }: { readonly space: { readonly name: string }; readonly path: string }): readonly Crumb[] {
  const folders = parentOf(path)
    .split("/")
    .filter((name) => name !== "")
  return [
    spaceCrumb(space.name),
    ...folders.map((label, at) => ({ label, href: spaceHref(space.name, folders.slice(0, at + 1).join("/")) })),
    { label: nameOf(path) },
  ]
}
