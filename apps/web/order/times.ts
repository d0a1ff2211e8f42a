import { isOpenAt, type Locale } from 'kafka-restaurants-contracts'

/** The times of a day at which a meal can be had. */
interface Day {
  /** As people say it: today, tomorrow, or which day of the week. */
  name: string
  times: Time[]
}

interface Time {
  /** ISO 8601 with the offset of where the diner is: whoever reads it can tell the time on the diner's clock. */
  value: string
  text: string
}

/** A kitchen needs so long before something can be wanted for a time. */
const soonestMinutes = 30
const everyMinutes = 15
const daysAhead = 3

/**
 * When a meal can be wanted, by the hours of the restaurant where it says some. It is taken to be where the diner is.
 * @param near what the first days are called in that language
 */
export function timesFor(
  hours: readonly string[],
  now: Date,
  locale: Locale,
  near: readonly string[],
): Day[] {
  const nameOf = new Intl.DateTimeFormat(locale, { weekday: 'long', month: 'short', day: 'numeric' })
  const textOf = new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' })
  const asTime = (time: Date): Time => ({ value: withOffset(time), text: textOf.format(time) })
  const days: Day[] = []
  for (let ahead = 0; ahead < daysAhead; ahead++) {
    const date = new Date(now.getFullYear(), now.getMonth(), now.getDate() + ahead)
    const times = Array.from({ length: (24 * 60) / everyMinutes }, (_, at) => at * everyMinutes)
      .filter(minutes => isOpenAt(hours, date.getDay(), minutes))
      .map(minutes => new Date(date.getFullYear(), date.getMonth(), date.getDate(), 0, minutes))
      .filter(time => time.getTime() >= now.getTime() + soonestMinutes * 60_000)
    if (times.length > 0) days.push({ name: near[ahead] ?? nameOf.format(date), times: times.map(asTime) })
  }
  return days
}

/** As `toISOString`, on the clock of where this runs. */
function withOffset(time: Date): string {
  const minutes = -time.getTimezoneOffset()
  const local = new Date(time.getTime() + minutes * 60_000).toISOString().slice(0, 19)
  const two = (number: number) => String(Math.floor(number)).padStart(2, '0')
  return `${local}${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`
}
