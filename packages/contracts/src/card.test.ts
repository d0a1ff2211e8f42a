import { describe, expect, it } from 'vitest'
import { cardDigits, cardPattern, isCardNumber, isSealed, maskCardNumbers } from './card.ts'
import { Card } from './fields.ts'
import { PlaceOrder } from './orders.ts'

const good = '4242424242424242'
const inGroups = (by: string) => ['4242', '4242', '4242', '4242'].join(by)
const latin1 = (text: string) => Buffer.from(text).toString('latin1')

describe('a card number', () => {
  it('has 13 to 19 digits and a right check digit', () => {
    expect(['4242424242424242', '4242 4242 4242 4242', '378282246310005'].map(isCardNumber)).toEqual([
      true,
      true,
      true,
    ])
    expect(['4242424242424241', '42', '', 'abcd', '4'.repeat(20)].map(isCardNumber)).toEqual(
      Array(5).fill(false),
    )
  })

  it('is masked wherever it stands, and other digits are not', () => {
    expect(maskCardNumbers('a 4242424242424242 b')).toBe('a ************4242 b')
    expect(maskCardNumbers('4242-4242-4242-4242')).toBe('****-****-****-4242')
    expect(maskCardNumbers('994242424242424242')).not.toContain('4242424242424242')
    expect(maskCardNumbers('4242424242424242,5555555555554444')).toBe('************4242,************4444')
    const plain = 'order 1111111111111111 of 2026-11-21, phone 030 1234567'
    expect(maskCardNumbers(plain)).toBe(plain)
  })

  it('is no time: not in ms since the epoch, whatever its digits, alone or in a name', () => {
    const times = Array.from({ length: 1_000 }, (_, index) => String(1_795_821_405_000 + index * 7))
    expect(times.filter(isCardNumber)).toEqual([])
    const text = `{"at":${times.join(',')}} orders-${times.join(', orders-')}`
    expect(maskCardNumbers(text)).toBe(text)
    const airline = '135410014004955'
    expect(isCardNumber(airline)).toBe(true)
    expect(maskCardNumbers(`${airline} at 1795821405254`)).toBe('***********4955 at 1795821405254')
  })

  it('is none by chance, in an id that every record carries', () => {
    const traceparent = '00-ab4242424242424242cdefab12345678-1234567812345670-01'
    const orderId = 'ab123456-4242-4242-8242-424242424242'
    const headers = `{"traceparent":"${traceparent}","order_id":"${orderId}"}`
    expect(maskCardNumbers(headers)).toBe(headers)
    expect(maskCardNumbers('00004242-4242-4242-8242-000000000000')).not.toContain('4242-4242')
    expect(maskCardNumbers(`${orderId} 4242424242424242`)).toBe(`${orderId} ************4242`)
  })

  it('is not sealed by dots and letters around it', () => {
    const jwe = (ciphertext: string) =>
      `eyJhbGciOiJFQ0RILUVTIn0..${'i'.repeat(16)}.${ciphertext}.${'t'.repeat(22)}`
    expect(isSealed(jwe('c1ph3r'))).toBe(true)
    expect(['4242424242424242.a.b.c.d', jwe('4242424242424242')].map(isSealed)).toEqual([false, false])
  })

  it('is refused without being repeated', () => {
    const order = { restaurant: 'x', email: 'a@example.com', creditCard: '4242424242424241' }
    const result = PlaceOrder.safeParse(order)
    expect(result.error?.issues).toHaveLength(1)
    expect(JSON.stringify(result.error)).not.toContain(order.creditCard)
  })

  it.each(['0'.repeat(16), '0000 0000 0000 0000', `0${good}`])('is not %s', zeros => {
    expect(isCardNumber(zeros)).toBe(false)
    expect(Card.safeParse(zeros).success).toBe(false)
    expect(PlaceOrder.safeParse({ restaurant: 'x', email: 'a@example.com', creditCard: zeros }).success).toBe(
      false,
    )
  })
})

describe('what is accepted as a card number is what is masked:', () => {
  const separators = [
    ['nothing', ''],
    ['a blank', ' '],
    ['two blanks', '  '],
    ['forty blanks', ' '.repeat(40)],
    ['a hyphen', '-'],
    ['a hyphen among blanks', ' - '],
    ['a tab', '\t'],
    ['a no-break space', '\u00a0'],
    ['a narrow no-break space', '\u202f'],
    ['a thin space', '\u2009'],
    ['an ideographic space', '\u3000'],
    ['an en dash', '–'],
    ['a no-break hyphen', '\u2011'],
    ['a minus', '\u2212'],
  ]
  it.each(separators)('in groups, with %s between them', (_what, by) => {
    const typed = inGroups(by)
    const masked = ['****', '****', '****', '4242'].join(by)
    expect(isCardNumber(typed)).toBe(true)
    expect(Card.safeParse(typed).success).toBe(true)
    expect(maskCardNumbers(typed)).toBe(masked)
    expect(maskCardNumbers(`a ${typed} b`)).toBe(`a ${masked} b`)
    expect(maskCardNumbers(latin1(typed))).toBe(latin1(masked))
    // As JSON.stringify writes it, and as Python does.
    expect(maskCardNumbers(JSON.stringify({ card: typed }))).toBe(JSON.stringify({ card: masked }))
    const escaped = (text: string) =>
      text.replace(/[^ -~]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    expect(maskCardNumbers(escaped(typed))).toBe(escaped(masked))
    expect('x'.replace('x', typed).replace(cardPattern(good), 'found')).toBe('found')
  })

  it.each(['.', '/', ',', 'x', '\n', '_', '\ud800'])('not with %j between its groups', by => {
    expect(isCardNumber(inGroups(by))).toBe(false)
    expect(maskCardNumbers(inGroups(by))).toBe(inGroups(by))
  })

  it('of 13 to 19 digits, each by itself', () => {
    for (const length of [13, 14, 15, 16, 17, 18, 19]) {
      const numbers = Array.from(
        { length: 10 },
        (_, digit) => `4${'123456789012345678'.slice(0, length - 2)}${digit}`,
      )
      const [number = ''] = numbers.filter(isCardNumber)
      expect(maskCardNumbers(number)).toBe('*'.repeat(length - 4) + number.slice(-4))
    }
  })

  it('wherever it stands in a longer run of digits', () => {
    // Seeded, so that what fails once fails again.
    let seed = 7
    const digits = (count: number) =>
      Array.from({ length: count }, () => {
        seed = (seed * 48_271) % 2_147_483_647
        return seed % 10
      }).join('')
    for (let round = 0; round < 1_000; round++) {
      const masked = maskCardNumbers(digits(round % 40) + good + digits(round % 23))
      const ends = [13, 14, 15, 16, 17, 18, 19]
      const left = [...masked].flatMap((_, at) => ends.map(length => masked.slice(at, at + length)))
      expect(left.filter(isCardNumber)).toEqual([])
    }
  })

  it('and digits that nobody accepts are left', () => {
    for (const text of ['0'.repeat(40), '1111111111111111', '1234567890123'])
      expect([isCardNumber(text), maskCardNumbers(text)]).toEqual([false, text])
  })
})

describe('masking', () => {
  it('of eight million digits never throws', () => {
    expect(maskCardNumbers('4'.repeat(8_000_000))).toMatch(/^\*{1000}/)
  })

  it.each([
    ['digits', '4'],
    ['card numbers', good],
    ['digits and hyphens', '1-'],
    ['digits and blanks', '1 '],
    ['beginnings of ids', '12345678-1234-1234-'],
    ['beginnings of traces', '00-1234567890'],
    ['escaped blanks', '1\\u00a0'],
    ['ids', 'ab123456-4242-4242-8242-424242424242 '],
    ['blanks', ' '],
    ['no-break spaces', '\u00a0'],
  ])('takes a time that grows with the text alone on many %s', (_what, part) => {
    const time = (bytes: number) => {
      const text = `4${part.repeat(bytes / part.length)}4`
      const before = process.cpuUsage().user
      maskCardNumbers(text)
      return process.cpuUsage().user - before
    }
    time(100_000)
    // Far more than it takes, and far less than anything that grows with the square.
    expect(time(1_000_000)).toBeLessThan(2_000_000)
  })

  it('leaves all else as it is, halves of surrogate pairs too', () => {
    expect(maskCardNumbers(`\ud800 ${good} \udfff é`)).toBe('\ud800 ************4242 \udfff é')
  })

  it('finds the digits that are charged', () => {
    expect(cardDigits(' 4242\u00a04242 – 4242\t4242 ')).toBe(good)
  })
})
