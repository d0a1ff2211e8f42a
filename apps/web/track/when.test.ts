import type { Locale } from 'kafka-restaurants-contracts'
import { expect, test } from 'vitest'
import { when } from './when.ts'

const now = new Date('2026-11-21T12:00:00Z')
/** `Intl` has a narrow blank before AM and PM. */
const said = (at: string, timeZone: string, locale: Locale = 'en') =>
  when(at, locale, now, timeZone).replaceAll('\u202f', ' ')

test('a time of today has no date', () => {
  expect(said('2026-11-21T08:05:00Z', 'UTC')).toBe('8:05 AM')
})

test('another day has one, by the clock of whoever reads it', () => {
  expect(said('2026-11-20T23:30:00Z', 'UTC')).toBe('Nov 20, 11:30 PM')
  expect(said('2026-11-20T23:30:00Z', 'Europe/Berlin')).toBe('12:30 AM')
})

test('another year has one, too', () => {
  expect(said('2025-12-31T23:30:00Z', 'UTC')).toBe('Dec 31, 2025, 11:30 PM')
})

test('in Hebrew it is a day of 24 hours, and the day comes before its month', () => {
  expect(said('2026-11-21T20:05:00Z', 'UTC', 'he')).toBe('20:05')
  expect(said('2026-11-20T23:30:00Z', 'UTC', 'he')).toBe('20 בנוב׳, 23:30')
  expect(said('2025-12-31T23:30:00Z', 'UTC', 'he')).toBe('31 בדצמ׳ 2025, 23:30')
})
