import type { useTranslations } from 'next-intl'

/** The texts of the board. */
type BoardTexts = ReturnType<typeof useTranslations<'kitchen'>>

/** How long something has waited, for those who have to hurry. */
export interface Age {
  text: string
  urgency: 'fresh' | 'soon' | 'late'
}

/** A kitchen takes a quarter of an hour, unless it has shown that it takes another time. */
const fromMinutes = { soon: 10, late: 15 }

/** @param since ISO 8601. A clock that is ahead of ours has begun now. */
export function ageOf(since: string, now: number, t: BoardTexts): Age {
  const minutes = Math.max(0, Math.floor((now - Date.parse(since)) / 60_000))
  return { text: textOf(minutes, t), urgency: urgencyOf(minutes) }
}

function urgencyOf(minutes: number): Age['urgency'] {
  if (minutes >= fromMinutes.late) return 'late'
  return minutes >= fromMinutes.soon ? 'soon' : 'fresh'
}

function textOf(minutes: number, t: BoardTexts): string {
  if (minutes < 60) return t('age.minutes', { minutes })
  const hours = Math.floor(minutes / 60)
  return hours < 24 ? t('age.hours', { hours, minutes: minutes % 60 }) : t('age.days')
}
