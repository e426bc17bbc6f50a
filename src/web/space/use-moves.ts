/** Puts things of a space elsewhere, each undoable. */
import { api, useForget } from "#web/app/api.ts"
import { nameOf, pathIn } from "#web/app/places.ts"
import { toast, toastError } from "#web/app/toast.tsx"

/** What is dragged, or chosen to be moved. */
export type Movable =
  | { readonly kind: "notebook"; readonly id: string; readonly path: string; readonly title: string }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "folder"; readonly path: string }

export type Moves = {
  /** Into this folder of the space, under the name it has. */
  readonly into: (what: Movable, folder: string) => Promise<void>
  readonly to: (what: Movable, path: string) => Promise<void>
  readonly toTrash: (what: Movable, restore: () => Promise<unknown>) => Promise<void>
}

export function useMoves(space: string): Moves {
  const forget = useForget()
  const to = async (what: Movable, path: string) => {
    if (what.path === path) return
    try {
      await move(space, what, path)
      await forget()
      const undo = () => move(space, { ...what, path }, what.path).then(forget)
      toast({ text: `${words(what)} stands at ${path} now.`, undo })
    } catch (error) {
      toastError(error)
    }
  }
  return {
    to,
    into: (what, folder) => to(what, pathIn(folder, nameOf(what.path))),
    async toTrash(what, restore) {
      try {
        await trash(space, what)
        await forget()
        toast({ text: `${words(what)} is in the trash.`, undo: () => restore().then(forget) })
      } catch (error) {
        toastError(error)
      }
    },
  }
}

function words(what: Movable): string {
  if (what.kind === "notebook") return `“${what.title}”`
  return what.kind === "file" ? nameOf(what.path) : `The folder ${nameOf(what.path)}`
}

function move(space: string, what: Movable, path: string): Promise<unknown> {
  if (what.kind === "notebook") return api.call("moveNotebook", { params: { notebook: what.id }, body: { path } })
  if (what.kind === "file") return api.call("moveFile", { body: { space, path: what.path, to: path } })
  return api.call("moveFolder", { params: { space }, body: { folder: what.path, to: path } })
}

function trash(space: string, what: Movable): Promise<unknown> {
  if (what.kind === "notebook") return api.call("trashNotebook", { params: { notebook: what.id } })
  if (what.kind === "file") return api.call("trashFile", { query: { space, path: what.path } })
  return api.call("trashFolder", { params: { space }, body: { folder: what.path } })
}

/** Everything of a folder that went into the trash at this moment or later comes out again. */
export async function restoreFolder(space: string, folder: string, since: number): Promise<void> {
  const isFresh = ({ trashedAt }: { readonly trashedAt: string | null }) => trashedAt !== null && Date.parse(trashedAt) >= since
  const notebooks = await api.call("listNotebooks", { query: { space, folder, trashed: "true", limit: 200 } })
  for (const { id } of notebooks.items.filter(isFresh)) await api.call("restoreNotebook", { params: { notebook: id } })
  const files = await api.call("listFiles", { query: { space, folder, trashed: "true", limit: 500 } })
  for (const { id } of files.items.filter(isFresh)) await api.call("restoreFile", { body: { file: id } })
}
