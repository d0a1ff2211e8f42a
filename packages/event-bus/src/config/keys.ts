import { didYouMean, file, strict, text, truth, whole, word } from 'kafka-restaurants-config-file'
import { compressions } from 'kafka-restaurants-kafka'
import { z } from 'zod'
import { mapFault } from '../names.ts'
import { patternFault } from '../pattern.ts'

/** A mapping that may be there without anything in it. */
const part = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess(value => value ?? {}, schema).prefault({})

const address = /^([^\s:,/]+)(?::(\d{1,5}))?$/
const servers = z
  .union([text.transform(servers => servers.split(',')), z.array(text)])
  .transform(servers => servers.map(each => each.trim()).filter(each => each !== ''))
  .refine(servers => servers.length > 0 && servers.every(each => address.test(each)), {
    error: 'must be host:port, or several of them, as a list or joined by commas',
  })

const pattern = text.superRefine((text, context) => {
  const fault = patternFault(text)
  if (fault) context.addIssue(fault)
})
const patterns = (...byDefault: string[]) => z.array(pattern).default(byDefault)

const topicMaps = z.record(text, text).superRefine((maps, context) => {
  for (const map of Object.entries(maps)) {
    const message = mapFault(map)
    if (message) context.addIssue({ code: 'custom', path: [map[0]], message })
  }
})

const noKerberos = 'there is no Kerberos here: use PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER'
/** What the plugin's clients know, and can't be done here. */
const refused: Record<string, string> = {
  connections_max_idle_ms:
    'kafkajs closes no idle connections; brokers do, after their connections.max.idle.ms',
  api_version: 'kafkajs finds out by itself what the brokers know: leave it out',
  sasl_kerberos_service_name: noKerberos,
  sasl_kerberos_domain_name: noKerberos,
  check_crcs: 'kafkajs does not check them; TCP and the brokers do',
  consumer_timeout_ms: 'the bridge waits for events as long as it is started',
  max_poll_records: 'events are handed over one by one',
}

/** A mapping of the file, in which every other key is told by its name, with what it may have been meant for. */
const mapping = <Shape extends z.ZodRawShape>(shape: Shape, elsewhere: Record<string, string> = {}) =>
  strict(shape, key => {
    if (refused[key]) return `can not be honoured: ${refused[key]}`
    if (elsewhere[key]) return `belongs into ${elsewhere[key]}`
    const known = Object.keys(shape)
    return `unknown key${didYouMean(key, known) || `; there are: ${known.join(', ')}`}`
  })

const consumer = {
  group_id: text
    .default('kafka_events')
    .describe('processes of one group share the events; one that is to see them all has a group of its own'),
  auto_offset_reset: z
    .enum(['latest', 'earliest'])
    .default('latest')
    .describe('where a group begins that is new; topics that are made later are read from their beginning'),
  fetch_max_wait_ms: whole(0, 60_000)
    .optional()
    .meta({ default: 500, description: 'how long Kafka may wait for `fetch_min_bytes`' }),
  fetch_min_bytes: whole(1).optional().meta({ default: 1 }),
  fetch_max_bytes: whole(1).optional().meta({ default: 10_485_760, description: 'of one answer' }),
  max_partition_fetch_bytes: whole(1)
    .optional()
    .meta({ default: 524_288, description: 'of a partition in one answer' }),
  enable_auto_commit: truth
    .refine(isOn => isOn, 'can only be true: nobody else would commit, once the handlers are done')
    .default(true)
    .describe('only after all handlers are done'),
  auto_commit_interval_ms: whole(10, 30_000).optional().meta({
    default: 80,
    description: 'how long a commit waits for others; what was handled since comes again after a crash',
  }),
  metadata_max_age_ms: whole(100)
    .optional()
    .meta({ default: 5_000, description: 'how often Kafka is asked for new topics' }),
  max_poll_interval_ms: whole(1_000)
    .optional()
    .meta({ default: 60_000, description: 'how long a handler may take; then the bridge counts as crashed' }),
  rebalance_timeout_ms: whole(1_000)
    .optional()
    .meta({ default: 20_000, description: 'how long members have to finish what they have in hand' }),
  session_timeout_ms: whole(1_000)
    .optional()
    .meta({ default: 10_000, description: 'after which the group takes a silent member for dead' }),
  heartbeat_interval_ms: whole(100)
    .optional()
    .meta({ default: 1_000, description: 'less than `session_timeout_ms`' }),
}
const producer = {
  compression_type: z
    .preprocess(value => value ?? 'none', word(compressions))
    .default('none')
    .describe('how batches are packed'),
  max_batch_size: whole(1)
    .optional()
    .meta({ default: 524_288, description: 'the most bytes of a batch, but for a single event' }),
  max_request_size: whole(1).optional().meta({
    default: 1_048_576,
    description: 'the largest payload, in bytes of its JSON; to publish a larger one is an error',
  }),
  linger_ms: whole(0, 2_000).default(0).describe('how long an event waits for company'),
  send_backoff_ms: whole(1, 5_000)
    .default(100)
    .describe('how long to wait before the second try; then longer, up to 5 s'),
}
const sections = { 'consumer-config': consumer, 'producer-config': producer }
const inSections = Object.fromEntries(
  Object.entries(sections).flatMap(([section, shape]) => Object.keys(shape).map(key => [key, section])),
)
const general = {
  bootstrap_servers: servers
    .prefault('localhost:9092')
    .describe('`host:port`, as a list or joined by commas; port 9092 where none is given'),
  client_id: text.default('event-bus').describe("its name in Kafka's logs"),
  request_timeout_ms: whole(500, 120_000).optional().meta({
    default: 5_000,
    description: 'how long an answer of Kafka may take; half of that unless given until an event is spooled',
  }),
  security_protocol: word(['plaintext', 'ssl', 'sasl_plaintext', 'sasl_ssl'])
    .default('plaintext')
    .describe('in upper or lower case'),
  sasl_mechanism: word(['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'])
    .optional()
    .describe('with `SASL_…`; in upper or lower case'),
  sasl_plain_username: text.optional().describe('with `PLAIN` and `SCRAM-…`'),
  sasl_plain_password: text.optional().describe('the same; better from the environment'),
  sasl_oauth_token_provider: file
    .optional()
    .describe('with `OAUTHBEARER`: the file that has the token; it is read again when it changes'),
  ssl_context: mapping({
    ca: file
      .optional()
      .describe("PEM file: who may have signed the brokers' certificates; Node's own list unless given"),
    cert: file.optional().describe('PEM file: the certificate to show'),
    key: file.optional().describe('PEM file: its private key'),
  })
    .refine(({ cert, key }) => !cert === !key, 'cert and key belong together: give both, or none')
    .optional(),
  inbound_patterns: patterns('acapy-inbound-.*').describe(
    "regular expressions: which of Kafka's topics come in",
  ),
  outbound_patterns: patterns('acapy::outbound::.*').describe(
    'regular expressions: which topics of the bus go out',
  ),
  topic_maps: part(topicMaps).describe(
    'regular expression: template of the topic in Kafka; the first that matches counts',
  ),
  spool_file: text
    .default('.data/event-bus/spool.sqlite')
    .describe('where events wait that Kafka does not take now'),
  spool_max_bytes: whole(1, Number.MAX_SAFE_INTEGER)
    .default(67_108_864)
    .describe('how many bytes of events it may hold'),
}

/** Every key, to be told of, and those that the plugin has and this has not, each with why. */
export const bridgeKeys = { general, consumer, producer, refused }

/** What stands below `kafka_events`. */
export const KafkaEvents = z.preprocess(
  value => value ?? {},
  mapping(
    {
      ...general,
      'consumer-config': part(
        mapping(consumer, elsewhereThan('consumer-config')).refine(
          config => (config.heartbeat_interval_ms ?? 1_000) < (config.session_timeout_ms ?? 10_000),
          { path: ['heartbeat_interval_ms'], error: 'must be less than session_timeout_ms' },
        ),
      ),
      'producer-config': part(mapping(producer, elsewhereThan('producer-config'))),
    },
    inSections,
  ).superRefine(coherent, { when: () => true }),
)
export type KafkaEvents = z.output<typeof KafkaEvents>
/** All but what stands in sections. */
export type General = Omit<KafkaEvents, keyof typeof sections>

function elsewhereThan(section: keyof typeof sections): Record<string, string> {
  const others = Object.entries(inSections).filter(([, where]) => where !== section)
  return {
    ...Object.fromEntries(Object.keys(general).map(key => [key, 'kafka_events itself'])),
    ...Object.fromEntries(others),
  }
}

/** What belongs together across keys. */
function coherent(
  config: Partial<z.output<z.ZodObject<typeof general>>>, // which may have other faults
  context: z.core.$RefinementCtx,
): void {
  const need = (key: keyof typeof general, why: string) => {
    if (config[key] === undefined)
      context.addIssue({ code: 'custom', path: [key], message: `must be given with ${why}` })
  }
  const refuse = (key: keyof typeof general, why: string) => {
    if (config[key] !== undefined) context.addIssue({ code: 'custom', path: [key], message: why })
  }
  const { security_protocol: protocol = 'plaintext', sasl_mechanism: mechanism } = config
  if (!protocol.endsWith('ssl')) refuse('ssl_context', 'needs security_protocol: SSL or SASL_SSL')
  if (!protocol.startsWith('sasl')) {
    refuse('sasl_mechanism', 'needs security_protocol: SASL_PLAINTEXT or SASL_SSL')
    return
  }
  need('sasl_mechanism', protocol.toUpperCase())
  if (mechanism === 'oauthbearer') need('sasl_oauth_token_provider', 'OAUTHBEARER')
  else if (mechanism) {
    need('sasl_plain_username', mechanism.toUpperCase())
    need('sasl_plain_password', mechanism.toUpperCase())
  }
}
