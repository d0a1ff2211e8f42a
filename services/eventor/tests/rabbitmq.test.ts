import { PutOffError } from 'kafka-restaurants-kafka'
import { expect, onTestFinished } from 'vitest'
import { waitUntil } from '../../../scripts/wait-until.ts'
import { listenerOf, rabbitmqBroker } from './brokers.ts'
import { deadlineMs, listenerSuite } from './listener-suite.ts'
import { withServers } from './with-servers.ts'

const { it } = withServers('rabbitmq-server')

listenerSuite('RabbitMQ', 'rabbitmq-server', rabbitmqBroker, broker => {
  it('listens with one instance at a time, and another one takes over', async () => {
    const source = broker().source()
    await source.make()
    const seen: string[] = []
    const instance = async (name: string) => {
      const listener = listenerOf(source.spec, async ({ value }) => void seen.push(`${name} ${value}`))
      onTestFinished(() => listener.stop())
      await listener.start()
      await waitUntil(`${name} is ready`, deadlineMs, () => listener.notReady().length === 0)
      return listener
    }
    const first = await instance('first')
    await instance('second')
    await source.write({ key: 'a', value: '1' }, { key: 'b', value: '2' })
    await waitUntil('both are handled', deadlineMs, () => seen.length === 2)
    await first.stop()
    await source.write({ key: 'a', value: '3' })
    await waitUntil('the third is handled', deadlineMs, () => seen.length === 3)
    expect(seen).toEqual(['first 1', 'first 2', 'second 3'])
  })

  it('remembers tries of events in a classic queue, too', async () => {
    const source = broker().source()
    await source.make('classic')
    await source.write({ key: 'a', value: '1' }, { key: 'a', value: '2' })
    const tries: string[] = []
    const first = listenerOf(source.spec, async ({ value }, attempt) => {
      tries.push(`${value}#${attempt}`)
      throw new PutOffError('not now', { waitMs: 60_000 })
    })
    onTestFinished(() => first.stop())
    await first.start()
    await waitUntil('it is tried', deadlineMs, () => tries.length === 1)
    await first.stop()
    const second = listenerOf(
      source.spec,
      async ({ value }, attempt) => void tries.push(`${value}#${attempt}`),
    )
    onTestFinished(() => second.stop())
    await second.start()
    await waitUntil('both are handled', deadlineMs, () => tries.length === 3)
    expect(tries).toEqual(['1#1', '1#2', '2#1'])
  })
})
