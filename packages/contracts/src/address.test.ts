import { describe, expect, it, test } from 'vitest'
import { isMailAddress, mailDomain, maskedAddress, maskMailAddresses } from './address.ts'
import { Order, PlaceOrder } from './orders.ts'

const order = { restaurant: 'fig', creditCard: '4242424242424242', credit_card: '4242424242424242' }
/** What the page asks, what the API asks, what the reader of the records asks; the mailer asks the same as the first. */
const judgements = (email: string) => [
  isMailAddress(email),
  PlaceOrder.safeParse({ ...order, email }).success,
  Order.safeParse({ ...order, email }).success,
]

describe('a mail address', () => {
  it.each([
    'diner@example.com',
    'some=thing@example.com',
    'a/b~c@example.com',
    "o'brien+tag@mail.example.co.uk",
    '!#$%&*?^`{|}@example.com',
    'user@münchen.de',
    'user@xn--mnchen-3ya.de',
    '日本@日本.example',
    'דנה@דוגמה.קום',
    `${'x'.repeat(64)}@example.com`,
    `a@${'b'.repeat(63)}.com`,
    'a@1.example',
    'a@b.c',
  ])('is %s', email => {
    expect(judgements(email)).toEqual([true, true, true])
  })

  it.each([
    '',
    'diner',
    'diner@',
    '@example.com',
    'a b@example.com',
    'a@b@example.com',
    'a..b@example.com',
    '.a@example.com',
    'a.@example.com',
    '"a b"@example.com',
    '<a@example.com>',
    'a@example.com,b@example.com',
    'a\u200b@example.com',
    'a\ud800@example.com',
    'a\r\nBcc: x@example.com',
    `${'x'.repeat(65)}@example.com`,
    `${'ü'.repeat(33)}@example.com`,
    `a@${'b'.repeat(64)}.com`,
    `a@${'ü'.repeat(60)}.de`,
    `${'x'.repeat(64)}@${`${'b'.repeat(60)}.`.repeat(3)}abcdefgh`,
    `a@${'b.'.repeat(127)}c`,
    'a@b-.com',
    'a@-b.com',
    'a@example..com',
    'a@example.com.',
    'a@.example.com',
    'a@exa_mple.com',
    'a@%65xample.com',
    'a@example.com:25',
    'a@nowhere',
    'a@127.0.0.1',
    'a@0x7f.1',
    'a@[127.0.0.1]',
    'a@xn--a',
  ])('is not %j', email => {
    expect(judgements(email)).toEqual([false, false, false])
  })

  it('has a domain that mail servers know by its ASCII name', () => {
    expect(mailDomain('München.DE')).toBe('xn--mnchen-3ya.de')
  })

  it('is the same with the marks that right-to-left text is pasted with', () => {
    const pasted = '\u202bדנה@דוגמה.קום\u202c\u200f'
    expect(PlaceOrder.parse({ ...order, email: pasted }).email).toBe('דנה@דוגמה.קום')
  })

  it('is the same with blanks around it', () => {
    expect(PlaceOrder.parse({ ...order, email: ' diner@example.com\n' }).email).toBe('diner@example.com')
  })
})

it.each([
  ['dana@example.com', 'd…@example.com'],
  ['😀x@example.com', '😀…@example.com'],
  ['"a@b"@example.com', '"…@example.com'],
  ['nobody', '…'],
  ['@example.com', '…'],
])('masks the address %s', (address, masked) => {
  expect(maskedAddress(address)).toBe(masked)
})

test.each([
  ['550 No such mailbox: dana@example.com', '550 No such mailbox: d…@example.com'],
  ['<dana.cohen+x@mail.example.co.il>, noa@example.org.', '<d…@mail.example.co.il>, n…@example.org.'],
  ['{"email":"Zoë@bücher.example"}', '{"email":"Z…@bücher.example"}'],
  ['/messages?to=dana%40example.com&limit=1', '/messages?to=d…@example.com&limit=1'],
  ['smtp://user:secret@mail.example.com', 'smtp://user:s…@mail.example.com'],
  ['a@b@example.com', 'a@b…@example.com'],
  ['dana@gmail is no address', 'd…@gmail is no address'],
  ['😀x@example.com', '😀…@example.com'],
])('in a text, %j is %j', (text, masked) => {
  expect(maskMailAddresses(text)).toBe(masked)
})

test.each([
  'order-3@42',
  'node_modules/express@5.3.0/index.js',
  'typescript@24.19.2_jiti@2.9.1',
  '.pnpm/vitest@5.1.1_@types+node@24.19.2/node_modules',
  '@types/node',
  'order.dead-letters-0@17 left',
  '@example.com',
  'a @ b',
  'dana@',
  '',
  '100%40',
])('no address in %j', text => expect(maskMailAddresses(text)).toBe(text))

test('a text of a megabyte is masked as soon as it is read, whatever it has', () => {
  const long = 'x'.repeat(1e6)
  expect(maskMailAddresses(`${long} dana@example.com`)).toBe(`${long} d…@example.com`)
  expect(maskMailAddresses(`${long}@`)).toBe(`${long}@`)
  expect(maskMailAddresses(`${long}@example.com`)).toBe('x…@example.com')
  expect(maskMailAddresses('%40'.repeat(3e5))).toBe('%40'.repeat(3e5))
  expect(maskMailAddresses('a@'.repeat(5e5))).toBe('a@'.repeat(5e5))
  expect(maskMailAddresses('ab@c.de,'.repeat(1e5))).toBe('a…@c.de,'.repeat(1e5))
})
