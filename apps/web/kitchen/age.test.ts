import { expect, test } from 'vitest'
import { ageOf } from './age.ts'

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
  expect(ageOf(since, now)).toEqual({ text, urgency })
})
