import { expect, it } from 'vitest'
import { createLog } from './log.ts'

const cards = ['4242424242424242', '4242 4242 4242 4242', '5555-5555-5555-4444', '378282246310005']
const addresses = ['dana.cohen+x@mail.example.co.il', 'zoë@bücher.example', 'dana%40example.com']
const secrets = [...cards, ...addresses]

/** What is in the log after something was written to it. */
function logged(write: (log: ReturnType<typeof createLog>) => void): string {
  const lines: string[] = []
  write(createLog('test', 'debug', { write: line => void lines.push(line) }))
  for (const line of lines) JSON.parse(line)
  expect(lines.length).toBeGreaterThan(0)
  return lines.join('')
}

it.each(secrets)('%s is not in the log, whichever way it is written', secret => {
  const cause = new Error(`the bank says: ${secret} is refused`)
  const text = logged(log => {
    log.info(`order of ${secret}`)
    log.info({ reason: secret, [secret]: 1 }, 'refused')
    log.info({ nested: { deep: [{ text: `x${secret}` }] } }, 'refused')
    log.info({ a: { b: { c: { d: { e: { f: secret } } } } } }, 'refused')
    log.warn({ err: new Error(`for ${secret}`, { cause }) }, 'failed')
    log.warn({ err: new AggregateError([cause]) }, 'failed')
    log.warn({ err: secret }, 'failed')
    log.error(new Error(secret))
    log.info('%s and %o', secret, { secret })
    log.child({ of: 'child' }).info({ url: new URL(`http://site/?q=${secret}`) }, secret)
  })
  expect(text).not.toContain(secret)
  expect(text).not.toContain(encodeURIComponent(secret))
  expect(text).toContain('is refused')
})

it('hides what is secret by its name', () => {
  const fields = { Authorization: 'Basic eA==', 'set-cookie': 'a=b', credit_card: 'eyJ', cardNumber: 4242 }
  const text = logged(log => log.info({ ...fields, request: { headers: { cookie: 'a=b' } } }, 'request'))
  for (const value of ['eA==', 'a=b', 'eyJ', '4242']) expect(text).not.toContain(value)
})

it('keeps a card number out that came as a number', () => {
  expect(logged(log => log.info({ value: 4242424242424242 }, 'odd'))).not.toContain('4242424242')
})

it('leaves ids, places and times as they are', () => {
  const fields = {
    order_id: '0b0ad4c4-63a1-4d0f-9d4b-2f3f2c1f9a11',
    // Digits that would do for a card.
    trace_id: '4242424242424242abcdefabcdefabcd',
    record: 'order-3@42',
    partitions: [1, 2],
    nothing: null,
    isOpen: true,
  }
  const [line = ''] = logged(log => log.info(fields, 'order charged')).split('\n')
  expect(JSON.parse(line)).toMatchObject({ ...fields, msg: 'order charged', level: 30 })
})
