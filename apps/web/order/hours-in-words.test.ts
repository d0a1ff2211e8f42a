import { describe, expect, it } from 'vitest'
import { hoursInWords } from './hours-in-words.ts'

describe('opening hours', () => {
  it.each([
    ['Mo-Sa 11:30-23:00', 'ב׳-ש׳ 11:30-23:00'],
    ['Sa,Su 18:00-01:00', 'ש׳,א׳ 18:00-01:00'],
    ['We 00:00-24:00', 'ד׳ 00:00-24:00'],
  ])('are told with the days of a language: %s', (hours, inHebrew) => {
    expect(hoursInWords(hours, 'en')).toBe(hours)
    expect(hoursInWords(hours, 'he')).toBe(inHebrew)
  })
})
