import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { topicSpecs, topics } from 'kafka-restaurants-contracts'
import { ownBroker } from 'kafka-restaurants-dev-env/testing/own-broker'
import { createTopics, withAdmin } from 'kafka-restaurants-kafka'
import { createContext } from 'kafka-restaurants-service'
import { expect, it } from 'vitest'

const { log } = createContext('test', 'silent')

it('makes the topics that are missing, leaves the others as they are, and ends with 0', async () => {
  const { bootstrap } = await ownBroker()
  await createTopics({ brokers: bootstrap, log }, [{ name: topics.order, partitions: 3, config: {} }])
  expect(makeTopics({ BOOTSTRAP_SVR: bootstrap, PARTITIONS: '2' }).made).toHaveLength(topicSpecs().length - 1)
  expect(makeTopics({ BOOTSTRAP_SVR: bootstrap }).made).toEqual([])
  const found = await withAdmin({ brokers: bootstrap, log }, admin => admin.fetchTopicMetadata())
  const partitions = found.topics.map(({ name, partitions }) => [name, partitions.length])
  expect(Object.fromEntries(partitions)).toEqual(
    Object.fromEntries(topicSpecs().map(({ name }) => [name, name === topics.order ? 3 : 2])),
  )
})

/** Runs the process to its end, and reads what it says that it made. */
function makeTopics(env: Record<string, string>): { made: string[] } {
  const main = resolve(import.meta.dirname, '../src/topics.main.ts')
  const { status, stdout } = spawnSync(process.execPath, [main], { env, encoding: 'utf8' })
  expect(status).toBe(0)
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
}
