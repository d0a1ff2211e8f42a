import { type BridgeConfig, readBridgeConfig } from 'kafka-restaurants-event-bus'
import { faultsOf, readArgs, readGivenFile, UsageError } from 'kafka-restaurants-service/command'

export const usage = `event-bus: a bus of events in one process, bridged to Kafka, and reached over HTTP.

  event-bus --config FILE          runs it by the part kafka_events of a YAML file, until SIGTERM
  event-bus --config FILE --check  says what is wrong in the file, line by line, and connects to nothing
  event-bus                        runs it with Kafka at localhost:9092, and all else by default

  curl 'localhost:5009/kafka/status'     and /kafka/start, /kafka/stop; ?direction= and ?pattern= name a part
  curl -N 'localhost:5009/bus/events'    every event of the bus, as it comes; ?pattern= names some
  curl localhost:5009/bus/publish -H 'Content-Type: application/json' -d '{"topic": "acapy::outbound::message", "payload": {}}'
  curl localhost:5009/relay/acapy-inbound-test -H 'Content-Type: application/json' -d '{"hello": "bus"}'

Environment: PORT (5009), METRICS_PORT, HOST, LOG_LEVEL, and what the file names as \${NAME}.
Ends with 2 where the file or the call is wrong, with 1 where it can't go on.`

/** @throws UsageError in words, also for a file that is wrong: every fault is a line */
export function readArguments(
  args: string[],
  env: NodeJS.ProcessEnv,
): { wants: 'help' | 'check' | 'run'; file: string | undefined; config: BridgeConfig } {
  const { values } = readArgs({
    args,
    options: {
      config: { type: 'string' },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const { config: file, check, help } = values
  if (check && file === undefined) throw new UsageError('--check needs --config FILE.')
  const config = readConfig(help ? undefined : file, env)
  return { wants: help ? 'help' : check ? 'check' : 'run', file, config }
}

function readConfig(file: string | undefined, env: NodeJS.ProcessEnv): BridgeConfig {
  const { config, faults } = readBridgeConfig(file === undefined ? 'kafka_events:' : readGivenFile(file), env)
  if (config) return config
  throw faultsOf(file, faults)
}
