import { expect, test } from 'vitest'
import { cardBrand } from './card-brand.ts'

test.each([
  ['4242 4242', 'Visa'],
  ['5555 5555', 'Mastercard'],
  ['2223 00', 'Mastercard'],
  ['2720 99', 'Mastercard'],
  ['3782 82', 'American Express'],
  ['6011 11', 'Discover'],
  ['3056 93', 'Diners Club'],
  ['3566 00', 'JCB'],
  ['6200 00', 'UnionPay'],
  ['2220 99', ''],
  ['2721 00', ''],
  ['9', ''],
  ['', ''],
])('%s is of %j', (card, brand) => expect(cardBrand(card)).toBe(brand))
