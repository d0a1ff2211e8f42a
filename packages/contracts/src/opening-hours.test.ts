import { describe, expect, it } from 'vitest'
import { isOpenAt, openingHoursFault } from './opening-hours.ts'

describe('opening hours', () => {
  it.each(['Mo-Fr 11:00-22:00', 'Sa,Su 18:00-01:00', 'Su 00:00-24:00', 'Fr-Mo,We 09:30-14:00'])(
    'are %s',
    text => expect(openingHoursFault(text)).toBeUndefined(),
  )

  it.each([
    '',
    'daily',
    'Mo-Fr',
    'Mo-Fr 11-22',
    'Xx 11:00-22:00',
    'Mo-Tu-We 11:00-22:00',
    'Mo 11:00-24:30',
    'Mo 11:00-11:00',
    'Mo 25:00-26:00',
  ])('are not %j', text => expect(openingHoursFault(text)).toMatch(/^must be opening hours/))
})

describe('a restaurant is open', () => {
  const [sunday, monday, tuesday, saturday] = [0, 1, 2, 6]
  const open = (hours: string[], day: number, hour: number, minute = 0) =>
    isOpenAt(hours, day, hour * 60 + minute)

  it('from when it opens until it closes', () => {
    const hours = ['Mo 11:00-22:00']
    expect([open(hours, monday, 10, 59), open(hours, monday, 11)]).toEqual([false, true])
    expect([open(hours, monday, 21, 59), open(hours, monday, 22)]).toEqual([true, false])
    expect(open(hours, tuesday, 12)).toBe(false)
  })

  it('past midnight, on the day after', () => {
    const hours = ['Sa 18:00-01:00']
    expect([open(hours, saturday, 23), open(hours, sunday, 0, 59), open(hours, sunday, 1)]).toEqual([
      true,
      true,
      false,
    ])
    expect(open(hours, saturday, 0, 30)).toBe(false)
  })

  it('on days that go over the end of the week', () => {
    expect([saturday, sunday, monday, tuesday].map(day => open(['Sa-Mo 12:00-14:00'], day, 12))).toEqual([
      true,
      true,
      true,
      false,
    ])
  })

  it('always, where it does not say', () => expect(open([], monday, 3)).toBe(true))
})
