import { expect, test } from 'vitest'
import { stylePattern } from './style-pattern.ts'

test('a style looks the same wherever it is shown, in any case', () => {
  expect(stylePattern('Italian')).toEqual(stylePattern('italian'))
})

test('styles do not all look alike', () => {
  const looks = ['Italian', 'French', 'Korean', 'Israeli', 'Japanese'].map(style =>
    JSON.stringify(stylePattern(style)),
  )
  expect(new Set(looks).size).toBeGreaterThan(2)
})
