import { PutOffError, UnreadableRecordError } from 'kafka-restaurants-delivery'
import { withServers } from 'kafka-restaurants-dev-env/testing/with-servers'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import { expect, onTestFinished } from 'vitest'
import { listenerOf, rabbitmqBroker } from './brokers.ts'
import { deadlineMs, listenerSuite } from './listener-suite.ts'
import { rabbitmqctl } from './servers.ts'
import { frameProxy } from './tcp-server.ts'

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

  it('says that the server takes no messages in an alarm, and stops in time', async () => {
    const source = broker().source()
    await source.make()
    await source.write({ key: 'a', value: '1' }, { key: 'b', value: '2' })
    const other = broker().source()
    await other.make()
    const alarmed = Promise.withResolvers<void>()
    let inHand = 0
    const listen = async (spec = source.spec) => {
      const listener = listenerOf(
        spec,
        async () => {
          inHand += 1
          await alarmed.promise
          // Its dead letter is a message.
          throw new UnreadableRecordError('no')
        },
        { concurrency: 2 },
      )
      onTestFinished(() => listener.stop())
      await listener.start()
      return listener
    }
    const saysSo = (listener: { notReady: () => string[] }) =>
      waitUntil('it says so', deadlineMs, () => listener.notReady().join().includes('takes no messages now'))
    const lift = () => rabbitmqctl(broker().server, 'set_vm_memory_high_watermark', '0.4')

    const first = await listen()
    await waitUntil('both are in hand', deadlineMs, () => inHand === 2)
    await rabbitmqctl(broker().server, 'set_vm_memory_high_watermark', '0.00000001')
    onTestFinished(async () => void (await lift()))
    await waitUntil('there is an alarm', deadlineMs, async () =>
      (await rabbitmqctl(broker().server, 'eval', 'rabbit_alarm:get_alarms().')).includes('memory'),
    )
    alarmed.resolve()
    await saysSo(first)
    const begun = Date.now()
    await first.stop()
    expect(Date.now() - begun).toBeLessThan(8_000)
    // Not of the same queue: RabbitMQ does not look whether the first is gone while it has an alarm.
    await saysSo(await listen(other.spec))
    await listen()
    await lift()
    const letters = async () => (await source.deadLetters()).map(({ value }) => String(value))
    await waitUntil('both are set aside', deadlineMs, async () => new Set(await letters()).size === 2)
  })

  it('names the queue that gives no answer, though it is connected', async () => {
    const source = broker().source()
    await source.make()
    const { host } = new URL(broker().server.url)
    const proxy = await frameProxy(host, frame => !frame.includes(`${source.name}.retries`))
    const config = { ...source.spec.config, url: broker().server.url.replace(host, proxy) }
    const listener = listenerOf({ ...source.spec, config }, async () => {})
    onTestFinished(() => listener.stop())
    await listener.start()
    const told = (words: string) =>
      waitUntil(words, deadlineMs, () => listener.notReady().join().includes(words))
    await told(`connected, and waits for the queue ${source.name}.retries`)
    await told(`connected, and got no answer about the queue ${source.name}.retries within 4000 ms`)
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
