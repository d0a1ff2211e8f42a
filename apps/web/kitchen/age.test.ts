import { createTranslator } from 'next-intl'
import { expect, test } from 'vitest'
import en from '../i18n/messages/en.json' with { type: 'json' }
import he from '../i18n/messages/he.json' with { type: 'json' }
import { ageOf } from './age.ts'

const english = createTranslator({ locale: 'en', messages: en, namespace: 'kitchen' })
const hebrew = createTranslator({ locale: 'he', messages: he, namespace: 'kitchen' })
const now = Date.parse('2026-11-21T12:00:00Z')

test.each([
  ['2026-11-21T12:00:07Z', '0 min', 'fresh'],
  ['2026-11-21T11:59:01Z', '0 min', 'fresh'],
  ['2026-11-21T11:50:01Z', '9 min', 'fresh'],
  ['2026-11-21T11:50:00Z', '10 min', 'soon'],
  ['2026-11-21T11:45:00Z', '15 min', 'late'],
  ['2026-11-21T10:58:00Z', '1 h 2 min', 'late'],
  ['2026-11-20T11:00:00Z', 'over a day', 'late'],
])('since %s it is %s, and %s', (since, text, urgency) => {
  expect(ageOf(since, now, english)).toEqual({ text, urgency })
})

test.each([
  ['2026-11-21T11:59:01Z', 'פחות מדקה'],
  ['2026-11-21T11:59:00Z', 'דקה אחת'],
  ['2026-11-21T11:58:00Z', 'שתי דקות'],
  ['2026-11-21T11:49:00Z', '11 דקות'],
  ['2026-11-21T11:00:00Z', 'שעה'],
  ['2026-11-21T10:59:00Z', 'שעה ודקה'],
  ['2026-11-21T09:58:00Z', 'שעתיים ושתי דקות'],
  ['2026-11-21T08:25:00Z', '3 שעות ו־35 דקות'],
  ['2026-11-20T11:00:00Z', 'יותר מיממה'],
])('in Hebrew, since %s it is %s', (since, text) => {
  expect(ageOf(since, now, hebrew).text).toBe(text)
})
