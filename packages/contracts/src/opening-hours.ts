const days = ['Su', 'Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa']
const dayMinutes = 24 * 60

interface Opening {
  /** 0 is Sunday, as in JavaScript's dates. */
  days: Set<number>
  /** In minutes of the day; one that ends past midnight ends after 24 h. */
  from: number
  to: number
}

/** Why a text is no opening hours, to be put behind what it is about; undefined where it is such. */
export const openingHoursFault = (text: string): string | undefined =>
  openingOf(text) ? undefined : 'must be opening hours such as "Mo-Fr 11:00-22:00" or "Sa,Su 18:00-01:00"'

/** Reads opening hours as schema.org writes them. */
function openingOf(text: string): Opening | undefined {
  const [, which = '', ...times] =
    /^([A-Z][a-z](?:[,-][A-Z][a-z])*) ([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$/.exec(text) ?? []
  const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = times.map(Number)
  const [from, until] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute]
  const open = daysOf(which)
  if (!open || times.length === 0 || until > dayMinutes || from === until) return undefined
  return { days: open, from, to: until < from ? until + dayMinutes : until }
}

function daysOf(which: string): Set<number> | undefined {
  const open = new Set<number>()
  for (const range of which.split(',')) {
    const [first = -1, last = first, ...more] = range.split('-').map(day => days.indexOf(day))
    if (first < 0 || last < 0 || more.length > 0) return undefined
    for (let day = first; ; day = (day + 1) % 7) {
      open.add(day)
      if (day === last) break
    }
  }
  return open
}

/**
 * Whether a restaurant is open at a time of its own clock; always where it says no hours.
 * @param day 0 to 6, 0 is Sunday @param minutes since midnight
 */
export function isOpenAt(hours: readonly string[], day: number, minutes: number): boolean {
  if (hours.length === 0) return true
  return hours.some(text => {
    const opening = openingOf(text)
    if (!opening) return false
    const { days: open, from, to } = opening
    const isToday = open.has(day) && minutes >= from && minutes < to
    return isToday || (open.has((day + 6) % 7) && minutes + dayMinutes < to)
  })
}
