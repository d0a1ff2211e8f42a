import type { Locale } from 'kafka-restaurants-contracts'

/** A time as people say it, where they are: today's without the date, this year's without the year. */
export function when(at: string, locale: Locale, now = new Date(), timeZone?: string): string {
  const date = new Date(at)
  const day = (of: Date) => of.toLocaleDateString('en', { timeZone })
  const year = (of: Date) => of.toLocaleDateString('en', { timeZone, year: 'numeric' })
  return date.toLocaleString(locale, {
    timeZone,
    hour: 'numeric',
    minute: '2-digit',
    ...(day(date) !== day(now) && { month: 'short', day: 'numeric' }),
    ...(year(date) !== year(now) && { year: 'numeric' }),
  })
}
