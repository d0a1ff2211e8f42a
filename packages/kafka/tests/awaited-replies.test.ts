import { randomUUID } from 'node:crypto'
import { createContext } from 'kafka-restaurants-service'
import { expect, inject, it, onTestFinished, vi } from 'vitest'
import { awaitedReplies, type InputRecord } from '../src/index.ts'
import { testKafka } from '../src/testing.ts'

const brokers = inject('bootstrap')
const { log } = createContext('test', 'silent')
const kafka = testKafka(brokers, log)
const within = (timeout: number) => ({ timeout, interval: 50 })
const idsOf = ({ headers }: InputRecord) => headers.correlation_id?.split(' ') ?? []

async function started(topic: string, since?: () => number) {
  const replies = awaitedReplies(
    { brokers, clientId: 'replies-test', log },
    { topics: [topic], group: randomUUID(), idsOf, ...(since && { since }) },
  )
  onTestFinished(() => replies.stop())
  await replies.start()
  await vi.waitFor(() => expect(replies.notReady()).toEqual([]), within(20_000))
  return replies
}

const reply = (topic: string, ids: string, value: string) => ({
  topic,
  key: ids,
  value,
  headers: { correlation_id: ids },
})

it('a reply reaches each process and each caller that waits for it, once, and nothing is kept', async () => {
  const topic = await kafka.topic('replies', 3)
  const [one, other] = [await started(topic), await started(topic)]
  const [a, again, b] = [one.expect('a'), one.expect('a'), other.expect('b')]
  expect([one.pending(), one.isExpected('a'), one.isExpected('b'), other.pending()]).toEqual([
    1,
    true,
    false,
    1,
  ])
  await kafka.write(reply(topic, 'nobody', '0'), reply(topic, 'a b', '1'), reply(topic, 'a', '2'))
  for (const { reply } of [a, again, b]) expect(String((await reply).value)).toBe('1')
  a.forget()
  a.forget()
  expect(one.isExpected('a')).toBe(true)
  again.forget()
  b.forget()
  expect([one.pending(), other.pending()]).toEqual([0, 0])
  // Who asks anew is answered anew: what has come before does not count.
  const anew = one.expect('a')
  await kafka.write(reply(topic, 'a', '3'))
  expect(String((await anew.reply).value)).toBe('3')
  anew.forget()
})

it('what was written before the start is no reply to what is asked then', async () => {
  const topic = await kafka.topic('replies', 3)
  await kafka.write(reply(topic, 'a', 'old'))
  const replies = await started(topic)
  const { reply: came, forget } = replies.expect('a')
  await kafka.write(reply(topic, 'a', 'new'))
  expect(String((await came).value)).toBe('new')
  forget()
})
