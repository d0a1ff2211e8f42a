import { topicSpecs } from 'kafka-restaurants-contracts'
import { createTopics, kafkaConnection, kafkaEnv } from 'kafka-restaurants-kafka'
import { ConfigError, createContext, type Logger, readConfig, serviceEnv } from 'kafka-restaurants-service'
import { z } from 'zod'

// Makes the topics that are missing, and ends: for a cluster where nothing else makes them.
// Exits 2 on an environment that can't be used, and 1 where Kafka does not answer: whoever runs it tries again.
const Config = z.object({
  ...kafkaEnv,
  LOG_LEVEL: serviceEnv(0).LOG_LEVEL,
  PARTITIONS: z.coerce.number().int().min(1).default(12),
})
let log: Logger | undefined
try {
  const config = readConfig(Config, process.env)
  log = createContext('topics', config.LOG_LEVEL).log
  const made = await createTopics(kafkaConnection(config, 'topics', log), topicSpecs(config.PARTITIONS))
  log.info({ made }, 'all topics are there')
} catch (err) {
  if (!(err instanceof ConfigError)) log?.fatal({ err }, 'the topics could not be made')
  else console.error(`topics: ${err.message}`)
  process.exit(err instanceof ConfigError ? 2 : 1)
}
