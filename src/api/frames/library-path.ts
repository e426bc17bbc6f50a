/** Where in an environment a library for frames lies. Pure. */

/** Packages whose own folder holds scripts that outputs name by the address of a public copy. */
const PACKAGES = ["bokeh/server/static/js/", "panel/dist/", "itables/html/"]

/** `base`: the folder that it must not leave. */
export type LibraryPath = { readonly base: "nbextensions" | "packages"; readonly root: string; readonly file: string }

/** Undefined for anything but a script or style below the few folders that hold such. */
export function libraryPath(asked: string): LibraryPath | undefined {
  const parts = asked.split("/")
  const isPlain = parts.every((part) => /^(?!\.{1,2}$)[\w@.^+-]+$/u.test(part))
  if (!isPlain || !/\.(?:js|css)$/u.test(asked)) return undefined
  if (parts[0] === "nbextensions" && parts.length > 2) return { base: "nbextensions", root: "nbextensions", file: parts.slice(1).join("/") }
  const root = PACKAGES.find((folder) => asked.startsWith(folder))
  return root === undefined ? undefined : { base: "packages", root, file: asked.slice(root.length) }
}

/** `<prefix>/share/jupyter/kernels/<name>`, or the folder above the one that its program is in. */
export function prefixOf({ resourceDir, argv }: { readonly resourceDir: string; readonly argv: readonly string[] }): string | undefined {
  const program = /^(\/.+)\/bin\/[^/]+$/u.exec(argv[0] ?? "")?.[1]
  return program ?? /^(\/.+)\/share\/jupyter\/kernels\/[^/]+\/?$/u.exec(resourceDir)?.[1]
}
