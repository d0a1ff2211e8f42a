import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AckPolicy, type ConsumerConfig, jetstreamManager } from '@nats-io/jetstream'
import { connect, nanos } from '@nats-io/transport-node'
import { UnreadableRecordError } from 'kafka-restaurants-delivery'
import { withServers } from 'kafka-restaurants-dev-env/testing/with-servers'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import { createContext } from 'kafka-restaurants-service'
import { expect, onTestFinished } from 'vitest'
import { natsProcessor } from '../src/adapters/nats/nats.ts'
import { listenerOf, natsBroker, type TestBroker } from './brokers.ts'
import { certificate, folder } from './endpoint.ts'
import { deadlineMs, listenerSuite } from './listener-suite.ts'
import { startNats } from './servers.ts'
import { frameProxy, tcpServer } from './tcp-server.ts'

const { describe, it } = withServers('nats-server')

/** A source whose consumer is made beforehand, with settings of its own. */
async function sourceWithConsumer(broker: TestBroker, settings: Partial<ConsumerConfig>) {
  const source = broker.source()
  await source.make()
  const { stream, subject } = source.spec.config as { stream: string; subject: string }
  const connection = await connect({ servers: broker.server.url })
  onTestFinished(() => connection.close())
  const manager = await jetstreamManager(connection)
  await manager.consumers.add(stream, {
    durable_name: 'eventor',
    filter_subject: subject,
    ack_policy: AckPolicy.Explicit,
    ...settings,
  })
  return { source, stream, manager }
}

/** The requests in what a client of NATS sends, each with what follows it. */
const commandsOf = (bytes: Buffer) =>
  bytes
    .toString('latin1')
    .split(/(?<=\r\n)(?=H?PUB )/)
    .map(command => Buffer.from(command, 'latin1'))

listenerSuite('NATS JetStream', 'nats-server', natsBroker, broker => {
  it('refuses a consumer that gives events up by itself', async () => {
    const { source } = await sourceWithConsumer(broker(), { ack_wait: nanos(1_000), max_deliver: 3 })
    const listener = listenerOf(source.spec, async () => {})
    onTestFinished(() => listener.stop())
    await listener.start()
    await expect(listener.crashed).rejects.toThrow('gives an event up after 3 deliveries')
  })

  it('keeps an event in hand for longer than the consumer waits for its acknowledgement', async () => {
    const { source, stream, manager } = await sourceWithConsumer(broker(), { ack_wait: nanos(1_000) })
    await source.write({ key: 'a', value: '1' })
    const seen: number[] = []
    const listener = listenerOf(source.spec, async (_, attempt) => {
      seen.push(attempt)
      await new Promise(resolve => setTimeout(resolve, 3_000))
    })
    onTestFinished(() => listener.stop())
    await listener.start()
    await waitUntil('it is acknowledged', deadlineMs, async () => (await source.left()) === 0)
    const { delivered } = await manager.consumers.info(stream, 'eventor')
    expect(delivered.consumer_seq).toBe(1)
    expect(seen).toEqual([1])
  })

  it('begins with what a predecessor had in hand, however late the number of its tries is read', async () => {
    const { source, stream, manager } = await sourceWithConsumer(broker(), { ack_wait: nanos(2_000) })
    await source.write({ key: 'a', value: '1' })
    const predecessor = await manager.jetstream().consumers.get(stream, 'eventor')
    expect(String((await predecessor.next())?.data)).toBe('1')
    await source.write({ key: 'a', value: '2' })

    const { host } = new URL(broker().server.url)
    let looks = 0
    const passes = async (frame: Buffer) => {
      if (frame.includes('CONSUMER.INFO')) looks++
      if (!frame.includes(`MSG.GET.${stream}_RETRIES`)) return true
      // It looks for what is not acknowledged once more while it knows all of these and has not read this.
      const before = looks
      await waitUntil('it looks again', deadlineMs, () => looks >= before + 2)
      return true
    }
    const proxy = await frameProxy(host, passes, commandsOf)
    const config = { ...source.spec.config, servers: [`nats://${proxy}`] }
    const seen: string[] = []
    const listener = listenerOf(
      { ...source.spec, config },
      async ({ value }) => void seen.push(String(value)),
    )
    onTestFinished(() => listener.stop())
    await listener.start()
    await waitUntil('both are acknowledged', deadlineMs, async () => (await source.left()) === 0)
    expect(seen).toEqual(['1', '2'])
  })

  it('sets an event aside whose headers are as large as NATS takes', async () => {
    const source = broker().source()
    await source.make()
    await source.write({ key: 'a', value: '1', headers: { x: 'x'.repeat(65_400) } }, { key: 'a', value: '2' })
    const seen: string[] = []
    const listener = listenerOf(source.spec, async ({ value }) => {
      seen.push(value.toString())
      if (seen.length === 1) throw new UnreadableRecordError('no')
    })
    onTestFinished(() => listener.stop())
    await listener.start()
    await waitUntil('the next one is handled', deadlineMs, () => seen.includes('2'))
    const [dead] = await source.deadLetters()
    expect(String(dead?.value)).toBe('1')
    expect(dead?.headers).toMatchObject({ dead_letter_reason: 'no', dead_letter_attempts: '1' })
    expect(dead?.headers).not.toHaveProperty('x')
  })

  it('sets a result aside that is larger than NATS takes', async () => {
    const source = broker().source()
    await source.makeResults()
    const processor = source.processor()
    onTestFinished(() => processor.stop())
    await processor.start()
    const result = { key: 'k', value: Buffer.alloc(1_048_576), headers: {} }
    await expect(processor.publish(result, () => ({}))).rejects.toThrow(UnreadableRecordError)
  })
})

describe('a server that is asked for TLS', { timeout: deadlineMs }, () => {
  const processorTo = (url: string, more: object = {}) => {
    const { log } = createContext('test', 'silent')
    const common = {
      type: 'nats' as const,
      subject: 'results',
      when: ['onSuccess' as const],
      passHeaders: [],
    }
    const auth = { user: 'me', password: 'secret' }
    const processor = natsProcessor({ ...common, servers: [url], auth, ...more }, log)
    onTestFinished(() => processor.stop())
    return processor
  }

  it.each([
    ['tls:', {}],
    ['nats:', { tls: {} }],
  ])('and has none is not told the password; %s with %j', async (protocol, more) => {
    let heard = ''
    const server = await tcpServer(socket => {
      socket.on('data', data => {
        heard += data
      })
      socket.write(
        'INFO {"server_id":"a","version":"2.9.10","proto":1,"max_payload":1048576,"headers":true}\r\n',
      )
    })
    const processor = processorTo(`${protocol}//${server}`, more)
    await processor.start()
    await waitUntil('it is refused', deadlineMs, () => /tls/i.test(processor.notReady().join()))
    await processor.stop()
    expect(heard).toBe('')
  })

  it('gets it, without a tls block as with one, whose file may begin with a byte order mark', async () => {
    const files = folder()
    const { certFile, keyFile, cert } = certificate(files, 'server')
    const server = await startNats(
      '--tls',
      '--tlscert',
      certFile,
      '--tlskey',
      keyFile,
      '--user',
      'me',
      '--pass',
      'secret',
    )
    onTestFinished(server.remove)
    const url = server.url.replace('nats:', 'tls:').replace('127.0.0.1', 'localhost')
    const untrusting = processorTo(url)
    await untrusting.start()
    await waitUntil('it does not trust', deadlineMs, () => /self-signed/.test(untrusting.notReady().join()))
    const caFile = join(files, 'marked.pem')
    writeFileSync(caFile, `\uFEFF${cert}`)
    const trusting = processorTo(url, { tls: { caFile } })
    await trusting.start()
    await waitUntil('it is let in', deadlineMs, () => trusting.notReady().length === 0)
  })
})

it('logs in with the password in a file, and reads it again when it was wrong', {
  timeout: deadlineMs,
}, async () => {
  const server = await startNats('--user', 'me', '--pass', 'secret')
  onTestFinished(server.remove)
  const folder = mkdtempSync(join(tmpdir(), 'nats-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, 'wrong\n')
  const processor = natsProcessor(
    {
      type: 'nats',
      servers: [server.url],
      subject: 'results',
      auth: { user: 'me', passwordFile },
      when: ['onSuccess'],
      passHeaders: [],
    },
    createContext('test', 'silent').log,
  )
  onTestFinished(() => processor.stop())
  await processor.start()
  await waitUntil('it says so', deadlineMs, () => /authorization/i.test(processor.notReady().join()))
  writeFileSync(passwordFile, 'secret\n')
  await waitUntil('it is let in', deadlineMs, () => processor.notReady().length === 0)
})
