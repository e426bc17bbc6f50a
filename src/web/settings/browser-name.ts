/** What a person would call a browser. Pure. */

/** In this order: every browser also says that it is the ones it wants to be taken for, and all say Safari. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(?:e|A|iOS)?\//u, "Edge"],
  [/\b(?:OPR|OPT|Opera)\b/u, "Opera"],
  [/\bSamsungBrowser\//u, "Samsung Internet"],
  [/\bVivaldi\//u, "Vivaldi"],
  [/\b(?:Firefox|FxiOS)\//u, "Firefox"],
  [/\bHeadlessChrome\//u, "Chrome without a window"],
  [/\b(?:Chrome|Chromium|CriOS)\//u, "Chrome"],
  [/\b(?:Macintosh|iPhone|iPad)\b.*\bSafari\//u, "Safari"],
  [/\bAppleWebKit\//u, "A WebKit browser"],
]
/** An iPhone says that it is like Mac OS X, and Android that it is Linux. */
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/u, "iPhone"],
  [/\biPad\b/u, "iPad"],
  [/\bAndroid\b/u, "Android"],
  [/\bCrOS\b/u, "ChromeOS"],
  [/\bWindows\b/u, "Windows"],
  [/\bMac OS X\b/u, "macOS"],
  [/\bLinux\b/u, "Linux"],
]

/** "Firefox on Windows"; of what is none of these, its own words. */
export function browserName(userAgent: string): string {
  const first = (table: readonly (readonly [RegExp, string])[]): readonly string[] =>
    table
      .filter(([pattern]) => pattern.test(userAgent))
      .map(([, name]) => name)
      .slice(0, 1)
  const browser = first(BROWSERS)
  return browser.length === 0 ? userAgent.slice(0, 80) : [...browser, ...first(SYSTEMS)].join(" on ")
}
