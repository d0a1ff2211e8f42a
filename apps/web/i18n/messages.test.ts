import { createTranslator } from 'next-intl'
import { describe, expect, it } from 'vitest'
import en from './messages/en.json' with { type: 'json' }
import he from './messages/he.json' with { type: 'json' }

type Tree = { [key: string]: string | Tree }

/** All texts by their whole keys. */
const flat = (tree: Tree, above = ''): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[above + key, value]] : flat(value, `${above}${key}.`),
  )

/** The names that a text takes values by: `{total, number}` takes `total`. */
const placeholders = (text: string) =>
  [...new Set([...text.matchAll(/\{(\w+)(?=[,}])/g)].map(([, name]) => name))].sort()

const english = new Map(flat(en))
const hebrew = new Map(flat(he))

describe('the catalogues of texts', () => {
  it('have the same keys', () => {
    expect([...hebrew.keys()]).toEqual([...english.keys()])
  })

  it.each([...english])('say %s with the same values, and say something', (key, text) => {
    expect(placeholders(hebrew.get(key) ?? '')).toEqual(placeholders(text))
    expect(text.trim()).not.toBe('')
    expect(hebrew.get(key)?.trim()).not.toBe('')
  })

  it('is in Hebrew where it says so', () => {
    const notTranslated = [...hebrew].filter(([, text]) => !/[א-ת]/.test(text))
    expect(notTranslated).toEqual([])
  })

  it('counts as each language does', () => {
    const count = (locale: 'en' | 'he', total: number) =>
      createTranslator({ locale, messages: { en, he }[locale] })('search.count', { total })
    expect([1, 2, 1_234].map(total => count('en', total))).toEqual([
      '1 restaurant',
      '2 restaurants',
      '1,234 restaurants',
    ])
    expect([1, 2, 1_234].map(total => count('he', total))).toEqual([
      'מסעדה אחת',
      'שתי מסעדות',
      '1,234 מסעדות',
    ])
  })
})
