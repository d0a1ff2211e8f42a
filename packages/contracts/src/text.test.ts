import fc from 'fast-check'
import { expect, it } from 'vitest'
import { generate, howMany } from './fuzz.ts'
import { asRead } from './text.ts'

it.each([
  ['שַׁקְשׁוּקָה', 'שקשוקה'],
  ['צ׳ולנט', "צ'ולנט"],
  ['צה״ל', 'צה"ל'],
])('%s is read like %s', (one, other) => expect(asRead(one)).toBe(asRead(other)))

it('a text of ASCII is read alike, whatever stands beside it', () => {
  const ascii = fc.string({ unit: 'grapheme-ascii' })
  for (const text of generate(ascii, howMany(20_000))) {
    expect(asRead(`é.${text}.`)).toBe(`e.${asRead(`|${text}|`).slice(1, -1)}.`)
    expect(asRead(text)).toBe(asRead(`\u200b${text}`))
  }
})
