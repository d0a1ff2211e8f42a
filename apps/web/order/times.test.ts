import { wantedAtFault } from 'kafka-restaurants-contracts'
import { expect, test } from 'vitest'
import * as times from './times.ts'

// A Friday.
const now = new Date(2026, 10, 27, 12, 10)
const timesFor = (hours: string[], at: Date) => times.timesFor(hours, at, 'en', ['Today', 'Tomorrow'])
const ofDay = (hours: string[], day: number, at = now) =>
  timesFor(hours, at)[day]?.times.map(({ text }) => text)

test('a meal can be wanted from half an hour on, at each quarter, today and on the next two days', () => {
  const days = timesFor([], now)
  expect(days.map(({ name }) => name)).toEqual(['Today', 'Tomorrow', 'Sunday, Nov 29'])
  expect(ofDay([], 0)?.slice(0, 2)).toEqual(['12:45 PM', '1:00 PM'])
  expect(ofDay([], 1)).toHaveLength(96)
})

test('each of these times is one that is taken, on the clock of the diner', () => {
  for (const { times } of timesFor([], now))
    for (const { value } of times) {
      expect(wantedAtFault(value, now.getTime())).toBeUndefined()
      expect(value).toMatch(/T\d\d:(00|15|30|45):00[+-]\d\d:\d\d$/)
    }
  expect(timesFor([], now)[0]?.times[0]?.value).toMatch(/^2026-11-27T12:45:00/)
})

test('a restaurant that says its hours is asked for no others, and no day without any is named', () => {
  expect(ofDay(['Fr 11:00-13:15'], 0)).toEqual(['12:45 PM', '1:00 PM'])
  expect(timesFor(['Fr 11:00-12:30'], now)).toEqual([])
  expect(timesFor(['Sa 11:00-12:00'], now).map(({ name, times }) => [name, times.length])).toEqual([
    ['Tomorrow', 4],
  ])
})

test('days and times are told in the language of the page', () => {
  const days = times.timesFor([], now, 'he', ['היום', 'מחר'])
  expect(days.map(({ name }) => name)).toEqual(['היום', 'מחר', 'יום ראשון, 29 בנוב׳'])
  expect(days[0]?.times.slice(0, 2).map(({ text }) => text)).toEqual(['12:45', '13:00'])
})
