import { expect, onTestFinished, test, vi } from 'vitest'
import { embeddedDatabase, migrate } from './database.ts'
import { asOutput, orderStore } from './order-store.ts'

const at = { topic: 'orders', partition: 3 }
const headers = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }
const begun = (orderId: string, offset: number) => ({
  ...asOutput({
    orderId,
    change: { status: 'placed', at: '2026-11-28T12:00:00.000Z', ...at, offset: String(offset) },
    details: {},
  }),
  headers,
})

test('what somebody may not have heard is told again with its trace, by who asks next and did not know', async () => {
  const database = embeddedDatabase(':memory:')
  onTestFinished(() => database.kysely.destroy())
  await migrate(database)
  /** A process that keeps orders in it, and what it has announced. */
  const begin = (memberId: string) => {
    const announce = vi.fn(async (_change: { orderId: string }, _trace: object) => {})
    const store = orderStore(database, 'consumers', { announce, committed: () => {} })
    const member = { memberId, generationId: 1 }
    return {
      asks: () => store.offsets([at], member),
      keeps: (orderId: string, offset: number) =>
        store.commit({
          outputs: [begun(orderId, offset)],
          offsets: [{ ...at, offset: String(offset + 1), metadata: '' }],
          member,
        }),
      announced: () => announce.mock.calls.splice(0).map(([{ orderId }, trace]) => [orderId, trace]),
      fails: () => announce.mockRejectedValueOnce(new Error('the spool is full')),
    }
  }
  const one = begin('one')
  expect(await one.asks()).toEqual([undefined])
  await one.keeps('a', 0)
  expect(one.announced()).toEqual([['a', headers]])
  expect(await one.asks()).toEqual([{ offset: '1', metadata: '' }])
  expect(one.announced()).toEqual([])

  one.fails()
  await one.keeps('b', 1)
  one.announced()
  await one.asks()
  expect(one.announced()).toEqual([['b', headers]])

  // What the first one has heard since, the second one can't know.
  const two = begin('two')
  expect(await two.asks()).toEqual([{ offset: '2', metadata: '' }])
  expect(two.announced()).toEqual([['b', headers]])
  await two.keeps('c', 2)
  two.announced()
  await one.asks()
  expect(one.announced()).toEqual([['c', headers]])
})
