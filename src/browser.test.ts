import { expect, test } from "vitest"
import { browserOpener } from "#browser.ts"

const linux = { platform: "linux", isTerminal: true } as const

test("a browser is opened for whoever sits before a screen of this machine", () => {
  expect(browserOpener({ ...linux, env: { DISPLAY: ":0" } })).toBe("xdg-open")
  expect(browserOpener({ ...linux, env: { WAYLAND_DISPLAY: "wayland-0", CI: "" } })).toBe("xdg-open")
  expect(browserOpener({ platform: "darwin", isTerminal: true, env: {} })).toBe("open")
})

test.each([
  ["there is no screen", { ...linux, env: {} }],
  ["nobody reads along", { ...linux, isTerminal: false, env: { DISPLAY: ":0" } }],
  ["it is CI", { ...linux, env: { DISPLAY: ":99", CI: "true" } }],
  ["one is there by SSH, with a display too", { ...linux, env: { DISPLAY: "localhost:10.0", SSH_CONNECTION: "10.0.0.1 4711 10.0.0.2 22" } }],
  ["one is on a Mac by SSH", { platform: "darwin", isTerminal: true, env: { SSH_TTY: "/dev/ttys001" } }],
] as const)("none is opened where %s", (_, surroundings) => {
  expect(browserOpener(surroundings)).toBeUndefined()
})
