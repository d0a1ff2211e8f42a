import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { root } from '../paths.ts'

const starts = /\b(startNats|startRabbitmq|natsBroker|rabbitmqBroker)\(|\b(natsBroker|rabbitmqBroker),/
const files = globSync('services/*/tests/*.test.ts', { cwd: root }).filter(file =>
  starts.test(readFileSync(`${root}/${file}`, 'utf8')),
)

test('tests that start a server of NATS or RabbitMQ are skipped where there is none: withServers gives their `it`', () => {
  expect(files.length).toBeGreaterThan(3)
  const unguarded = files.filter(file =>
    /import \{[^}]*\b(describe|it|test)\b[^}]*\} from 'vitest'/.test(readFileSync(`${root}/${file}`, 'utf8')),
  )
  expect(unguarded).toEqual([])
})
