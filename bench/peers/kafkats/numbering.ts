import { type Codec, flow, string } from '@kafkats/flow'

/**
 * Numbers the records of each key, exactly once: `{"id":"7","message":"bake"}` comes out as
 * `{"id":"7","message":"bake","fence":3}`. Arguments: bootstrap, input topic, output topic, application id, commit interval
 * in ms. Prints "ready" once it runs.
 */
const [bootstrap = '', input = '', output = '', applicationId = '', commitMs] = process.argv.slice(2)

/** The last fence of a key, and the command that has it. The store keeps the fence alone. */
interface Numbered {
  fence: number
  command: string
}

const numbered: Codec<Numbered> = {
  encode: ({ fence }) => Buffer.from(String(fence)),
  decode: bytes => ({ fence: Number(bytes.toString()), command: '' }),
}
const text = string()

const app = flow({
  applicationId,
  client: { brokers: [bootstrap], clientId: applicationId },
  processingGuarantee: 'exactly_once',
  commitIntervalMs: Number(commitMs),
  // With more than one it does not start: they share a connection, and `start` gives up after 10 s.
  numStreamThreads: 1,
  consumer: { autoOffsetReset: 'earliest' },
  // It waits for the broker after each record that it writes: what lingers only waits longer.
  producer: { lingerMs: 0 },
})

app
  .stream(input, { key: text, value: text })
  .groupByKey()
  .aggregate<Numbered>(
    () => ({ fence: 0, command: '' }),
    (_key, command, { fence }) => ({ fence: fence + 1, command }),
    { storeName: 'fences', key: text, value: numbered },
  )
  .toStream()
  // The closing brace gives way to one more field: to parse the rest would only cost.
  .mapValues(state => state && `${state.command.slice(0, -1)},"fence":${state.fence}}`)
  .to(output, { key: text, value: text })

process.once('SIGTERM', async () => {
  await app.close()
  process.exit(0)
})
await app.start()
console.log('ready')
// It tells of its end in its state alone.
setInterval(() => {
  if (app.state() !== 'ERROR') return
  console.error('failed:', 'getError' in app && typeof app.getError === 'function' && app.getError())
  process.exit(1)
}, 250)
