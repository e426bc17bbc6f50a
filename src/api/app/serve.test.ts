import { existsSync, readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { SCREENS } from "#api/app/serve.ts"

const at = (path: string) => new URL(`../../web/${path}`, import.meta.url)

test("the server serves the screens that the app has, and names the module of each", () => {
  const routes = readFileSync(at("app/routes.tsx"), "utf8")
  const [imported, pages] = [new Map<string, string>(), new Map<string, string | undefined>()]
  for (const [, name = "", module = ""] of routes.matchAll(/^const (\w+) = \(\) => import\("#web\/([^"]+)"\)$/gmu)) imported.set(name, module)
  for (const [, path = "", loader = ""] of routes.matchAll(/^ {2}page\(\s*"([^"]+)",\s*(?:\(\) => import\("#web\/)?([\w./-]+)/gmu))
    pages.set(path.replaceAll(/\$(\w+)/gu, ":$1").replace(/\$$/u, "*"), imported.get(loader) ?? loader)
  for (const [, path = ""] of routes.matchAll(/^ {2}moved\("([^"]+)"/gmu)) pages.set(path, undefined)
  expect(Object.fromEntries(pages)).toEqual({ ...SCREENS })
  for (const module of pages.values()) if (module !== undefined) expect([module, existsSync(at(module))]).toEqual([module, true])
})
