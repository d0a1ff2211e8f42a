import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { deadLetterTopic } from 'kafka-restaurants-contracts'
import { freePort } from 'kafka-restaurants-dev-env/ports'
import { beginDeadLetters } from 'kafka-restaurants-dev-env/testing/dead-letters-command'
import type { DeadLetter } from 'kafka-restaurants-kafka/dead-letters'
import { testKafka, watchTopic } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import { expect, inject, it, onTestFinished } from 'vitest'

const { log } = createContext('dead-letters-test', 'silent')
const bootstrap = inject('bootstrap')
const kafka = testKafka(bootstrap, log)

const begin = (...args: string[]) => beginDeadLetters({ BOOTSTRAP_SVR: bootstrap }, args)
const cli = (...args: string[]) => begin(...args).ended

async function listed(topic: string): Promise<DeadLetter[]> {
  return JSON.parse((await cli('list', '--json', '--topic', topic)).stdout)
}

async function setAside(topic: string, count: number, reason: string, headers: Record<string, string> = {}) {
  await kafka.write(
    ...Array.from({ length: count }, (_, index) => ({
      topic: deadLetterTopic(topic),
      key: String(index),
      value: `${reason} ${index}`,
      headers: { dead_letter_reason: reason, dead_letter_topic: topic, ...headers },
    })),
  )
}

it('lists, shows, redrives and parks', async () => {
  const topic = await kafka.topic('cli')
  await setAside(topic, 2, 'not JSON')
  await setAside(topic, 1, 'no order', { dead_letter_masked: 'card-number' })
  const [first = '', second = '', third = ''] = (await listed(topic)).map(({ id }) => id)

  const list = await cli('--topic', topic)
  expect(list).toMatchObject({ code: 0, stderr: '' })
  expect(list.stdout).toMatch(/3 open:\n +2 {2}not JSON\n +1 {2}no order/)
  expect((await cli('--topic', topic, '--reason', 'order')).stdout).toContain('1 open:')
  const shown = (await cli('show', first)).stdout
  expect(shown.split('\n')).toEqual(
    expect.arrayContaining([`${first}: open`, '  dead_letter_reason: not JSON', 'key: 0', 'not JSON 0']),
  )
  expect(await cli('show', '--raw', first)).toEqual({ code: 0, stdout: 'not JSON 0', stderr: '' })

  expect(await cli('redrive', first)).toEqual({ code: 0, stdout: '1 dead letter redriven.\n', stderr: '' })
  const again = await cli('redrive', first)
  expect(again).toMatchObject({ code: 1, stdout: '' })
  expect(again.stderr).toContain(`${first} is left as it is: it was redriven or parked before.`)
  expect((await cli('show', first)).stdout).toContain(': redriven or parked before\n')

  const all = await cli('redrive', '--reason', '', '--topic', topic, '--yes')
  expect(all).toMatchObject({ code: 1, stdout: '2 dead letters to redrive.\n1 dead letter redriven.\n' })
  expect(all.stderr).toMatch(new RegExp(`^${third} is left as it is: .*card number`, 'm'))
  expect(all.stderr).not.toContain(second)

  expect(await cli('park', third)).toEqual({ code: 0, stdout: '1 dead letter parked.\n', stderr: '' })
  expect((await cli('--topic', topic)).stdout).toBe('No dead letter is open.\n')
  expect((await cli('--parked', '--topic', topic)).stdout).toMatch(/1 parked:\n +1 {2}no order/)
  expect((await kafka.readAll(topic)).map(({ value }) => value.toString())).toEqual([
    'not JSON 0',
    'not JSON 1',
  ])
}, 90_000)

it('does not touch many without being told to', async () => {
  const topic = await kafka.topic('cli')
  await setAside(topic, 3, 'not JSON')
  const { code, stdout, stderr } = await cli('redrive', '--reason', 'JSON', '--topic', topic)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '3 dead letters to redrive.\n' })
  expect(stderr).toContain('add --yes')
  expect(await listed(topic)).toHaveLength(3)
  const none = await cli('redrive', '--reason', 'something else', '--topic', topic)
  expect(none).toEqual({ code: 0, stdout: '0 dead letters to redrive.\n', stderr: '' })
})

it('says in a sentence what is wrong, and exits with 1, or 2 where it is the usage', async () => {
  const usage = await cli('redrive')
  expect(usage).toMatchObject({ code: 2, stdout: '' })
  expect(usage.stderr).toMatch(/^What to redrive\?.*\n.*--help/)
  for (const [args, says] of [
    [['--topic', 'nowhere'], 'There is no topic nowhere.dead-letters.'],
    [['show', 'order.dead-letters-0@999'], 'There is no dead letter order.dead-letters-0@999'],
    [['park', 'nowhere.dead-letters-0@0'], 'there is no topic nowhere.dead-letters.'],
    [['--bootstrap', `localhost:${await freePort()}`], 'No Kafka answers at localhost:'],
  ] as const) {
    const { code, stdout, stderr } = await cli(...args)
    expect({ code, stdout }, args.join(' ')).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(says)
    expect(stderr).not.toMatch(/^ +at /m)
  }
  const { ended } = beginDeadLetters({ BOOTSTRAP_SVR: bootstrap, KAFKA_SASL: 'plain' }, [])
  const stderr = 'KAFKA_SASL needs KAFKA_USERNAME and KAFKA_PASSWORD\n'
  expect(await ended).toEqual({ code: 2, stdout: '', stderr })
}, 60_000)

it('ends by itself when it is told to, as the first process of a container has to', async () => {
  const silent = createServer(socket => void socket.on('error', () => {})).listen(0, '127.0.0.1')
  onTestFinished(() => void silent.close())
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const { child, ended } = begin('--bootstrap', `127.0.0.1:${port}`)
  await once(silent, 'connection')
  child.kill('SIGTERM')
  expect(await ended).toEqual({ code: 143, stdout: '', stderr: '' })
})

it('sends each back once, though it is killed (-9) in the middle', async () => {
  const topic = await kafka.topic('cli')
  const count = 4_000
  await setAside(topic, count, 'not JSON')
  const bulk = ['redrive', '--reason', 'JSON', '--topic', topic, '--yes']

  let bulkRun: ReturnType<typeof begin> | undefined
  const watch = await watchTopic(bootstrap, log, topic, () => bulkRun?.child.kill('SIGKILL'))
  bulkRun = begin(...bulk)
  expect((await bulkRun.ended).code).toBe(null)
  await watch.stop()
  const left = (await listed(topic)).length
  expect(left).toBeGreaterThan(0)
  expect(left).toBeLessThan(count)

  expect(await cli(...bulk)).toMatchObject({ code: 0, stderr: '' })
  expect(await listed(topic)).toEqual([])
  const values = (await kafka.readAll(topic)).map(({ value }) => value.toString())
  expect(values).toEqual(Array.from({ length: count }, (_, index) => `not JSON ${index}`))
}, 90_000)
