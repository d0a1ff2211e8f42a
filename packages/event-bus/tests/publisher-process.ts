import { createContext } from 'kafka-restaurants-service'
import { eventBus, kafkaBridge } from '../src/index.ts'

/** What a publisher in a process of its own publishes: numbers, each of one of ten keys. */
export interface Publishing {
  brokers: string
  topic: string
  spool: string
  from: number
  to: number
}

// Writes a line for each number that was published, until somebody kills it.
const { brokers, topic, spool, from, to }: Publishing = JSON.parse(process.argv[2] ?? '{}')
const { log, metrics } = createContext('publisher', 'silent')
const bus = eventBus()
const bridge = kafkaBridge(bus, {
  kafka: { brokers, clientId: 'publisher', log },
  metrics,
  outbound: { patterns: [topic], spool: { file: spool } },
})
await bridge.start()
setInterval(() => {}, 1_000)
for (let n = from; n < to; n++) {
  void bus.publish(topic, n, { key: `key-${n % 10}` }).then(() => process.stdout.write(`${n}\n`))
  if (n % 50 === 0) await new Promise(resolve => setTimeout(resolve, 5))
}
