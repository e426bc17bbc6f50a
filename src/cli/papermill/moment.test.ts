import { expect, test } from "vitest"
import { momentAt, momentText, strftime } from "#cli/papermill/moment.ts"

const at = Date.UTC(2026, 2, 9, 7, 5, 3, 123)

test("a time as Python writes it, in UTC and local", () => {
  expect(momentText(momentAt(at))).toBe("2026-03-09 07:05:03.123000+00:00")
  expect(momentText(momentAt(at, 120))).toBe("2026-03-09 09:05:03.123000")
  expect(momentText(momentAt(at - 123, -600))).toBe("2026-03-08 21:05:03")
})

// Recorded from Python 3.11's strftime in the C locale.
test.each([
  ["%Y-%m-%d_%H%M%S.%f%z", "2026-03-09_070503.123000+0000"],
  ["%d %b %B %a %A %j %U %W %V %G %u %w", "09 Mar March Mon Monday 068 10 10 11 2026 1 1"],
  ["%y %C %I %p %Z %% %F %T %D %R %e|%x|%X|%c", "26 20 07 AM UTC % 2026-03-09 07:05:03 03/09/26 07:05  9|03/09/26|07:05:03|Mon Mar  9 07:05:03 2026"],
])("%s", (format, text) => {
  expect(strftime(momentAt(at), format)).toBe(text)
})

test.each([
  [Date.UTC(1999, 11, 26), "360 52 51 51 1999 7 0"],
  [Date.UTC(2000, 0, 1), "001 00 00 52 1999 6 6"],
  [Date.UTC(2004, 11, 31), "366 52 52 53 2004 5 5"],
  [Date.UTC(2024, 11, 30), "365 52 53 01 2025 1 1"],
])("the weeks around new year: %i", (when, text) => {
  expect(strftime(momentAt(when), "%j %U %W %V %G %u %w")).toBe(text)
})

test("an unknown directive is not guessed at", () => {
  expect([strftime(momentAt(at), "%Q"), strftime(momentAt(at), "%Y%")]).toEqual([undefined, undefined])
})
