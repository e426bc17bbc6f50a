/** The app's tokens, as outputs in frames may use them. */
import type { Told } from "#web/outputs/frame/messages.ts"

const TOKENS = ["--paper", "--surface", "--sunk", "--ink", "--soft", "--faint", "--line", "--strong", "--link", "--failed", "--sans", "--mono"]
/** What widgets call the same. `--jp-layout-color0` is left to them: they take it as a sign that all the others are there. */
const FOR_WIDGETS: Readonly<Record<string, string>> = {
  "--jp-layout-color1": "--surface",
  "--jp-layout-color2": "--sunk",
  "--jp-layout-color3": "--line",
  "--jp-layout-color4": "--strong",
  "--jp-ui-font-color0": "--ink",
  "--jp-ui-font-color1": "--ink",
  "--jp-ui-font-color2": "--soft",
  "--jp-ui-font-color3": "--faint",
  "--jp-content-font-color1": "--ink",
  "--jp-border-color0": "--strong",
  "--jp-border-color1": "--strong",
  "--jp-border-color2": "--line",
  "--jp-border-color3": "--line",
  "--jp-brand-color1": "--link",
  "--jp-brand-color2": "--link",
  "--jp-input-background": "--surface",
  "--jp-input-active-background": "--surface",
  "--jp-ui-font-family": "--sans",
  "--jp-code-font-family": "--mono",
}

function isDark(): boolean {
  return document.documentElement.dataset["mantineColorScheme"] === "dark"
}

/** As it is by day, whatever the screen shows now: the tokens are read under that name, and nothing is painted in between. */
export function themeOfPaper(): Extract<Told, { do: "theme" }> {
  const { dataset } = document.documentElement
  const now = dataset["mantineColorScheme"]
  dataset["mantineColorScheme"] = "light"
  const theme = themeOf()
  if (now === undefined) delete dataset["mantineColorScheme"]
  else dataset["mantineColorScheme"] = now
  return theme
}

export function themeOf(): Extract<Told, { do: "theme" }> {
  const style = getComputedStyle(document.documentElement)
  const value = (name: string): string => style.getPropertyValue(name).trim()
  const tokens = Object.fromEntries(TOKENS.map((name) => [name, value(name)]))
  const widgets = Object.fromEntries(Object.entries(FOR_WIDGETS).map(([name, token]) => [name, value(token)]))
  return { do: "theme", isDark: isDark(), tokens: { ...tokens, ...widgets } }
}
