import type { Locale } from 'kafka-restaurants-contracts'

const days = ['Su', 'Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa']

/** The first Sunday of 2026, from which days are counted. */
const sunday = Date.UTC(2026, 0, 4)

/** Opening hours as schema.org writes them, with the days of the week as a language says them: "Mo-Sa 11:30-23:00". */
export function hoursInWords(hours: string, locale: Locale): string {
  if (locale === 'en') return hours
  const { format } = new Intl.DateTimeFormat(locale, { weekday: 'narrow', timeZone: 'UTC' })
  return hours.replace(/[A-Z][a-z]/g, day => {
    const at = days.indexOf(day)
    return at < 0 ? day : format(sunday + at * 86_400_000)
  })
}
