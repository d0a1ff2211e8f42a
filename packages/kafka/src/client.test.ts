import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createContext, readConfig } from 'kafka-restaurants-service'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { kafkaConnection, kafkaEnv } from './client.ts'

const { log } = createContext('test', 'silent')
const connection = (env: NodeJS.ProcessEnv) =>
  kafkaConnection(readConfig(z.object(kafkaEnv), env), 'test', log)

test('without further settings Kafka is reached in plain text', () => {
  expect(connection({ BOOTSTRAP_SVR: 'a:1,b:2' })).toMatchObject({
    brokers: 'a:1,b:2',
    ssl: undefined,
    sasl: undefined,
  })
})

test('TLS reads its files, and SCRAM logs in', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kafka-tls-'))
  const file = (name: string) => {
    writeFileSync(join(folder, name), name)
    return join(folder, name)
  }
  const { ssl, sasl } = connection({
    KAFKA_TLS: 'true',
    KAFKA_CA_FILE: file('ca'),
    KAFKA_CERT_FILE: file('cert'),
    KAFKA_KEY_FILE: file('key'),
    KAFKA_SASL: 'scram-sha-512',
    KAFKA_USERNAME: 'transaction',
    KAFKA_PASSWORD: 'secret',
  })
  rmSync(folder, { recursive: true })
  expect(ssl).toEqual({ ca: 'ca', cert: 'cert', key: 'key' })
  expect(sasl).toEqual({ mechanism: 'scram-sha-512', username: 'transaction', password: 'secret' })
})

test.each([
  [{ KAFKA_CA_FILE: '/ca' }, 'KAFKA_CA_FILE needs KAFKA_TLS=true'],
  [{ KAFKA_TLS: 'true', KAFKA_CA_FILE: '/no/such' }, "KAFKA_CA_FILE /no/such can't be read"],
  [{ KAFKA_TLS: 'true', KAFKA_CERT_FILE: '/cert' }, 'KAFKA_CERT_FILE needs KAFKA_KEY_FILE'],
  [{ KAFKA_SASL: 'plain', KAFKA_USERNAME: 'me' }, 'KAFKA_SASL needs KAFKA_USERNAME and KAFKA_PASSWORD'],
  [{ KAFKA_PASSWORD: 'secret' }, 'KAFKA_PASSWORD needs KAFKA_SASL'],
])('%o is refused in words', (env, why) => {
  expect(() => connection(env)).toThrow(why)
})
