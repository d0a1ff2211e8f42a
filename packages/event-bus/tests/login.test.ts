import { join } from 'node:path'
import { freePort } from 'kafka-restaurants-dev-env/ports'
import { certificate } from 'kafka-restaurants-dev-env/testing/certificate'
import { ownBroker } from 'kafka-restaurants-dev-env/testing/own-broker'
import { withAdmin } from 'kafka-restaurants-kafka'
import { createContext } from 'kafka-restaurants-service'
import { expect, it, onTestFinished, vi } from 'vitest'
import { eventBus, kafkaBridge, readBridgeConfig } from '../src/index.ts'
import { kafkaAt, newFolder } from './bridged.ts'

// Kafka's own numbers
const [topic, group] = [2, 3]
const [literal, prefix] = [3, 4]
const operations = { Read: 3, Write: 4, Create: 5, Describe: 8 }

it('by TLS and a login, with the rights of its user: a topic that it may not write holds up no other', async () => {
  const { pemFile, certificateFile } = certificate(newFolder())
  const login = { port: await freePort(), passwords: { bus: 'secret' }, pemFile }
  const { bootstrap } = await ownBroker(login)
  const { log, metrics } = createContext('test', 'silent')
  const kafka = kafkaAt(bootstrap)
  const allow = (
    resourceType: number,
    resourceName: string,
    resourcePatternType: number,
    ...may: (keyof typeof operations)[]
  ) =>
    withAdmin({ brokers: bootstrap, log }, admin =>
      admin.createAcls({
        acl: may.map(operation => ({
          principal: 'User:bus',
          host: '*',
          resourceType,
          resourceName,
          resourcePatternType,
          operation: operations[operation],
          permissionType: 3,
        })),
      }),
    )
  await allow(topic, 'acapy-inbound-', prefix, 'Read', 'Write', 'Create', 'Describe')
  await allow(topic, 'acapy-outbound-allowed', literal, 'Write', 'Create', 'Describe')
  await allow(group, 'kafka_events', literal, 'Read', 'Describe')
  await kafka.makeTopic('acapy-inbound-test')

  const yaml = `
kafka_events:
  bootstrap_servers: localhost:${login.port}
  security_protocol: SASL_SSL
  ssl_context: { ca: ${certificateFile} }
  sasl_mechanism: PLAIN
  sasl_plain_username: bus
  sasl_plain_password: \${PASSWORD}
  spool_file: ${join(newFolder(), 'spool.sqlite')}
  producer-config: { compression_type: gzip }
`
  const { config } = readBridgeConfig(yaml, { PASSWORD: 'secret' })
  if (!config) throw new Error('the file is wrong')
  const bus = eventBus()
  const seen: unknown[] = []
  bus.subscribe('acapy::inbound::', ({ payload }) => void seen.push(payload))
  const bridge = kafkaBridge(bus, { ...config, kafka: { ...config.kafka, log }, metrics })
  onTestFinished(() => bridge.close())
  await bridge.start()
  const soon = { timeout: 30_000, interval: 100 }
  await vi.waitFor(
    () => expect(bridge.status().inbound).toMatchObject({ topics: ['acapy-inbound-test'], troubles: [] }),
    soon,
  )
  await kafka.write('acapy-inbound-test', 'in')
  await vi.waitFor(() => expect(seen).toEqual(['in']), soon)

  for (const n of [1, 2]) await bus.publish('acapy::outbound::forbidden', n)
  for (const n of [1, 2]) await bus.publish('acapy::outbound::allowed', n)
  expect(await kafka.values('acapy-outbound-allowed', 2)).toEqual([1, 2])
  expect(bridge.status().outbound).toMatchObject({
    troubles: [expect.stringMatching(/^acapy-outbound-forbidden takes no events since try \d+: /)],
    spool: { events: 2 },
  })
  await allow(topic, 'acapy-outbound-forbidden', literal, 'Write', 'Create', 'Describe')
  await vi.waitFor(() => expect(bridge.status().outbound.spool?.events).toBe(0), soon)
  expect(await kafka.values('acapy-outbound-forbidden', 2)).toEqual([1, 2])
}, 120_000)
