import { describe, expect, it } from 'vitest'
import { chooseLocale } from './choose-locale.ts'

const both = ['en', 'he'] as const
const liked = (acceptLanguage: string | null) => chooseLocale({ acceptLanguage }, both)

describe('the language of an answer', () => {
  it.each([
    ['he', 'he'],
    ['he-IL,he;q=0.9,en-US;q=0.8,en;q=0.7', 'he'],
    ['en-US,en;q=0.9,he;q=0.8', 'en'],
    ['en;q=0.2, he;q=0.9', 'he'],
    ['fr-FR, he;q=0.5, en;q=0.4', 'he'],
    ['HE-il', 'he'],
    ['he;q=0, en;q=0.1', 'en'],
  ])('is what the browser likes best: %s', (header, locale) => {
    expect(liked(header)).toBe(locale)
  })

  it.each([null, '', '*', 'fr', ';;;,,,', 'he;q=abc', 'q=1', '\u0000', '-'.repeat(9_000)])(
    'is English where the browser asks for nothing that is there: %j',
    header => {
      expect(liked(header)).toBe('en')
    },
  )

  it('is what was chosen, whatever the browser likes', () => {
    expect(chooseLocale({ chosen: 'he', acceptLanguage: 'en' }, both)).toBe('he')
  })

  it('is not a choice that is not offered', () => {
    expect(chooseLocale({ chosen: 'fr', acceptLanguage: 'he' }, both)).toBe('he')
    expect(chooseLocale({ chosen: 'he', acceptLanguage: 'he' }, ['en'])).toBe('en')
  })
})
