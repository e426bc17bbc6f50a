import { expect, test } from "vitest"
import { safeNext } from "#api/guard/next.ts"

test.each(["/", "/runs", "/runs?state=failed", "/notebooks/01ABC?x=1#cell-3", "/spaces/sales/a%20b", "/search?q=%2F%2Fevil.example", "/a/%2e%2e/b"])(
  "a page of this server is gone to: %s",
  (path) => {
    const gone = safeNext(path)
    expect(new URL(gone, "https://stet.example").origin).toBe("https://stet.example")
    expect(gone).toBe(new URL(path, "https://stet.example").href.slice("https://stet.example".length))
  },
)

const EVIL = "evil.example"
/** Ways around such a check that have worked somewhere, or were published as such. */
const REDIRECTS = [
  `https://${EVIL}`,
  `http://${EVIL}`,
  `//${EVIL}`,
  `///${EVIL}`,
  `////${EVIL}`,
  `/////${EVIL}/`,
  `https:${EVIL}`,
  `https:/${EVIL}`,
  `http:${EVIL}`,
  `/\\${EVIL}`,
  `\\/${EVIL}`,
  `\\\\${EVIL}`,
  `/\\/${EVIL}`,
  `\\/\\/${EVIL}/`,
  `/\\\\${EVIL}`,
  `//\\${EVIL}`,
  `/\t/${EVIL}`,
  `/\n/${EVIL}`,
  `/\r/${EVIL}`,
  `/\r\n/${EVIL}`,
  `/%09/${EVIL}`,
  `/%0a/${EVIL}`,
  `/%0d/${EVIL}`,
  `/%0d%0a/${EVIL}`,
  `/%5c${EVIL}`,
  `/%5C${EVIL}`,
  `/%2f${EVIL}`,
  `/%2F%2F${EVIL}`,
  `/%2f%2f${EVIL}`,
  `//%2f${EVIL}`,
  `//${EVIL}/%2f..`,
  `//${EVIL}/%2e%2e`,
  `//${EVIL}/..;/css`,
  `/.${EVIL}`.slice(1),
  `.${EVIL}`,
  `${EVIL}`,
  `@${EVIL}`,
  `:80#@${EVIL}/`,
  `http://127.0.0.1@${EVIL}`,
  `//stet.example@${EVIL}`,
  `//stet.example:80@${EVIL}`,
  `https://stet.example@${EVIL}`,
  `https://stet.example.${EVIL}`,
  `https://${EVIL}#stet.example`,
  `https://${EVIL}?stet.example`,
  `https://${EVIL}\\stet.example`,
  `javascript:alert(1)`,
  `JaVaScRiPt:alert(1)`,
  `java\tscript:alert(1)`,
  `javascript://%0aalert(1)`,
  `/javascript:alert(1)//`.slice(1),
  `data:text/html,<script>alert(1)</script>`,
  `vbscript:msgbox(1)`,
  `blob:https://${EVIL}/x`,
  `file:///etc/passwd`,
  `ftp://${EVIL}`,
  `mailto:x@${EVIL}`,
  `//google%E3%80%82com`,
  `//${EVIL}%E3%80%82example`,
  `//0x7f000001`,
  `//2130706433`,
  `//[::1]`,
  `//[::ffff:127.0.0.1]`,
  `//ⓔⓥⓘⓛ.example`,
  `https:\\\\${EVIL}`,
  `https:/\\${EVIL}`,
  ` //${EVIL}`,
  `\t//${EVIL}`,
  `\u0000//${EVIL}`,
  `/ /${EVIL}`,
  `/\u00a0/${EVIL}`.replace("\u00a0", "\u0085"),
  `\u2028//${EVIL}`,
  `/\u0000/${EVIL}`,
  `/\u001f/${EVIL}`,
  `/\u007f/${EVIL}`,
  `//${EVIL}\u0000.stet.example`,
  `/..//${EVIL}`,
  `/../..//${EVIL}`,
  `/.//${EVIL}`,
  `/./\\${EVIL}`,
  `/a/..//${EVIL}`,
  `/a/..\\\\${EVIL}`,
  `/%2e/%2f${EVIL}`.replace("/%2e/", "/%2e//"),
  `/;//${EVIL}`.replace("/;", ""),
  `//;@${EVIL}`,
  `//;@${EVIL}/..`,
  `//${EVIL}:443/`,
  `//user:pass@${EVIL}`,
  `//${EVIL}.`,
  `//xn--evil-example`,
  `https://${EVIL}/%2e%2e`,
  `http:///${EVIL}`,
  `http:////${EVIL}`,
  `//${EVIL}//..`,
  `/<>//${EVIL}`.slice(3),
  `?next=//${EVIL}`,
  `#//${EVIL}`,
  `../${EVIL}`,
  "",
  "   ",
  "\\",
  `/\ud800`,
  `/${"a".repeat(3000)}`,
  `/sign-in?next=/x`,
  `/sign-out`,
  `/sign-in`,
]

test(`${REDIRECTS.length} ways to be sent elsewhere all lead home`, () => {
  expect(REDIRECTS.length).toBeGreaterThan(100)
  const led = REDIRECTS.map((next) => [next, safeNext(next)] as const).filter(([, gone]) => {
    const url = new URL(gone, "https://stet.example")
    return url.origin !== "https://stet.example" || /^\/[/\\]/.test(gone) || gone.includes(EVIL)
  })
  // Where the name stands only inside a path of this server, nobody is sent there.
  expect(led.filter(([, gone]) => !/^\/[^/\\]/.test(gone))).toEqual([])
  expect(REDIRECTS.slice(-3).map(safeNext)).toEqual(["/", "/", "/"])
})

test("nothing given leads home", () => {
  expect(safeNext(undefined)).toBe("/")
})
