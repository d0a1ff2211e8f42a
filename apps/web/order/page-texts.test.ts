import { createTranslator } from 'next-intl'
import { describe, expect, it } from 'vitest'
import en from '../i18n/messages/en.json' with { type: 'json' }
import he from '../i18n/messages/he.json' with { type: 'json' }
import { fill, gaps, pageTexts, textKeys } from './page-texts.ts'

const english = pageTexts(createTranslator({ locale: 'en', messages: en, namespace: 'restaurant' }), 'en')
const hebrew = pageTexts(createTranslator({ locale: 'he', messages: he, namespace: 'restaurant' }), 'he')

describe('the texts of a restaurant’s page', () => {
  it('have their values put in by the browser', () => {
    expect(fill(english.removeOne, { dish: 'Pizza {dish} $& $1' })).toBe('Remove one Pizza {dish} $& $1')
    expect(fill(english.fromTo, { least: 0, most: 3 })).toBe('0 to 3')
    expect(fill(hebrew.readyIn, { minutes: 25 })).toBe('מוכן בעוד 25 דק׳ בערך')
  })

  it.each(textKeys)('have a gap for each value, in both languages: %s', key => {
    const filled = Object.fromEntries(Object.keys(gaps).map(name => [name, '5']))
    for (const texts of [english, hebrew]) expect(fill(texts[key], filled)).not.toMatch(/[{}]/)
  })
})
