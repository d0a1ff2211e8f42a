import type { InputRecord, OutputRecord } from 'kafka-restaurants-kafka'
import { expect, test } from 'vitest'
import type { Resource } from '../resource.ts'
import { restoredResource, storedResource } from '../stored-resource.ts'
import { commandHandler } from './commands.ts'

const topics = { requests: 'requests', events: 'events', actionable: 'actionable', rejected: 'rejected' }
const limits = { semaphoreLimit: 1, queueLimit: 5, leaseMs: null, dedupeMs: 60_000, dedupeLimit: 100 }

const traced = (name: string) => ({
  traceparent: `00-${name.repeat(32)}-${name.repeat(16)}-01`,
  correlation_id: name,
})

test('what starts because another has ended is of its own trace, also after a restart', async () => {
  let kept: Resource | undefined
  const handle = commandHandler({
    topics,
    limits: () => () => limits,
    mostBytes: 100,
    count: () => {},
    now: Date.now,
  })
  const told = (topic: string, value: object, headers: InputRecord['headers']): Promise<OutputRecord[]> => {
    const record = { topic, key: Buffer.from('r'), value: Buffer.from(JSON.stringify(value)), headers }
    // As it is read from the changelog.
    const parts = storedResource.changes(undefined, kept)
    const before =
      kept && restoredResource(new Map([...parts].flatMap(([name, part]) => (part ? [[name, part]] : []))))
    return handle(record as unknown as InputRecord, 1, () => {}, {
      get: () => before,
      set: next => {
        kept = next ?? undefined
      },
    })
  }
  await told('requests', { id: 'a', message: 'cook' }, traced('a'))
  expect(await told('requests', { id: 'b', message: 'cook' }, traced('b'))).toEqual([])
  const [started] = await told('events', { id: 'a', type: 'TERMINATING' }, traced('c'))
  expect(started).toMatchObject({ topic: 'actionable', headers: traced('b') })

  // What is too long to be kept is of no trace.
  await told('requests', { id: 'd', message: 'cook' }, { ...traced('d'), correlation_id: 'd'.repeat(257) })
  const [next] = await told('events', { id: 'b', type: 'TERMINATING' }, traced('c'))
  expect(next?.headers).toEqual({ traceparent: traced('d').traceparent })
})
