import { expect, it, onTestFinished, vi } from 'vitest'
import { money } from './money.ts'

it.each([
  ['EUR', 780, '€7.80'],
  ['EUR', 123456, '€1,234.56'],
  ['USD', 99, '$0.99'],
  ['JPY', 780, '¥780'],
  ['KRW', 15000, '₩15,000'],
  ['HUF', 780, 'HUF\u00a07.80'],
  ['BHD', 1500, 'BHD\u00a01.500'],
  ['CLF', 12345, 'CLF\u00a01.2345'],
  ['eur', 5, '€0.05'],
  ['€€€', 1500, '15.00 €€€'],
  ['', 1500, '15.00 '],
])('in %s: %d is %s', (currency, cents, written) => {
  expect(money(cents, currency)).toBe(written)
})

it('is written as in another language, where that is asked for', () => {
  expect(money(123456, 'EUR', 'he')).toBe('\u200f1,234.56\u00a0\u200f€')
  expect(money(780, 'JPY', 'he')).toMatch(/780/)
  expect(money(123456, 'EUR')).toBe('€1,234.56')
})

it('every currency has the decimals of ISO 4217, also where everyday prices have none', () => {
  const decimals = {
    0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
    2: 'AFN ALL AMD COP CRC HUF IDR IRR LAK LBP MGA MMK MRU PKR RSD SLE SOS SYP TWD TZS UZS YER EUR USD GBP CHF ILS',
    3: 'BHD IQD JOD KWD LYD OMR TND',
    4: 'CLF UYW',
  }
  for (const [count, currencies] of Object.entries(decimals)) {
    for (const currency of currencies.split(' ')) {
      expect([currency, money(10 ** Number(count) + 1, currency).replace(/[^\d.]/g, '')]).toEqual([
        currency,
        count === '0' ? '2' : `1.${'1'.padStart(Number(count), '0')}`,
      ])
    }
  }
})

it('of the same currency again costs no new format, and is right in another one after it', () => {
  const made = vi.spyOn(Intl, 'NumberFormat')
  onTestFinished(() => made.mockRestore())
  expect(['JPY', 'JPY', 'no', 'JPY', 'EUR'].map(currency => money(780, currency))).toEqual([
    '¥780',
    '¥780',
    '7.80 no',
    '¥780',
    '€7.80',
  ])
  expect(made.mock.calls.filter(([, options]) => options?.currency === 'JPY')).toHaveLength(1)
})
