/** The instants that papermill offers to paths as `pm[current_datetime_utc]` and `pm[current_datetime_local]`. */

/** A calendar date and time of day, as Python's datetime has it. Months and days count from 1. */
export type Moment = {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly microsecond: number
  /** Of UTC; a local one carries no zone, as papermill makes it. */
  readonly zone: "UTC" | undefined
}

/** `atMs` since 1970; `eastMinutes` is how far local time is ahead of UTC, undefined for UTC itself. */
export function momentAt(atMs: number, eastMinutes?: number): Moment {
  const shifted = new Date(atMs + (eastMinutes ?? 0) * 60_000)
  return {
    year: shifted.getUTCFullYear(),
    month: shifted.getUTCMonth() + 1,
    day: shifted.getUTCDate(),
    hour: shifted.getUTCHours(),
    minute: shifted.getUTCMinutes(),
    second: shifted.getUTCSeconds(),
    microsecond: shifted.getUTCMilliseconds() * 1000,
    zone: eastMinutes === undefined ? "UTC" : undefined,
  }
}

/** `str()` of a datetime. */
export function momentText(moment: Moment): string {
  const fraction = moment.microsecond === 0 ? "" : `.${strftime(moment, "%f")}`
  return `${strftime(moment, "%Y-%m-%d %H:%M:%S")}${fraction}${moment.zone ? "+00:00" : ""}`
}

/** `moment.strftime(format)` in the C locale; undefined for a directive that is not known. */
export function strftime(moment: Moment, format: string): string | undefined {
  let known = true
  const text = format.replaceAll(/%(.?)/gs, (_, letter: string) => {
    const written = DIRECTIVES[letter]?.(moment)
    known &&= written !== undefined
    return written ?? ""
  })
  return known ? text : undefined
}

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]

const two = (value: number) => String(value).padStart(2, "0")
const twelve = (hour: number) => hour % 12 || 12
const dayNumber = ({ year, month, day }: Pick<Moment, "year" | "month" | "day">) => Math.round(Date.UTC(year, month - 1, day) / 86_400_000)
const weekday = (moment: Moment) => (((dayNumber(moment) + 4) % 7) + 7) % 7
const dayOfYear = (moment: Moment) => dayNumber(moment) - dayNumber({ year: moment.year, month: 1, day: 1 }) + 1
/** Weeks begin on `first` (0 is Sunday); days before the first one are in week 0. */
const week = (moment: Moment, first: number) => Math.floor((dayOfYear(moment) + 6 - ((weekday(moment) + 7 - first) % 7)) / 7)

/** ISO 8601: the week belongs to the year that its Thursday is in. */
function isoWeek(moment: Moment): { readonly year: number; readonly week: number } {
  const thursday = dayNumber(moment) - ((weekday(moment) + 6) % 7) + 3
  const year = new Date(thursday * 86_400_000).getUTCFullYear()
  return { year, week: Math.floor((thursday - dayNumber({ year, month: 1, day: 1 })) / 7) + 1 }
}

const DIRECTIVES: { readonly [letter: string]: (moment: Moment) => string | undefined } = {
  "%": () => "%",
  Y: ({ year }) => String(year),
  y: ({ year }) => two(year % 100),
  C: ({ year }) => two(Math.floor(year / 100)),
  m: ({ month }) => two(month),
  d: ({ day }) => two(day),
  e: ({ day }) => String(day).padStart(2),
  H: ({ hour }) => two(hour),
  I: ({ hour }) => two(twelve(hour)),
  M: ({ minute }) => two(minute),
  S: ({ second }) => two(second),
  f: ({ microsecond }) => String(microsecond).padStart(6, "0"),
  p: ({ hour }) => (hour < 12 ? "AM" : "PM"),
  z: ({ zone }) => (zone ? "+0000" : ""),
  Z: ({ zone }) => zone ?? "",
  j: (moment) => String(dayOfYear(moment)).padStart(3, "0"),
  a: (moment) => DAYS[weekday(moment)]?.slice(0, 3),
  A: (moment) => DAYS[weekday(moment)],
  b: ({ month }) => MONTHS[month - 1]?.slice(0, 3),
  h: ({ month }) => MONTHS[month - 1]?.slice(0, 3),
  B: ({ month }) => MONTHS[month - 1],
  w: (moment) => String(weekday(moment)),
  u: (moment) => String(weekday(moment) || 7),
  U: (moment) => two(week(moment, 0)),
  W: (moment) => two(week(moment, 1)),
  V: (moment) => two(isoWeek(moment).week),
  G: (moment) => String(isoWeek(moment).year),
  F: (moment) => strftime(moment, "%Y-%m-%d"),
  T: (moment) => strftime(moment, "%H:%M:%S"),
  R: (moment) => strftime(moment, "%H:%M"),
  D: (moment) => strftime(moment, "%m/%d/%y"),
  x: (moment) => strftime(moment, "%m/%d/%y"),
  X: (moment) => strftime(moment, "%H:%M:%S"),
  c: (moment) => strftime(moment, "%a %b %e %H:%M:%S %Y"),
  r: (moment) => strftime(moment, "%I:%M:%S %p"),
}
