import { randomUUID } from 'node:crypto'
import type { KafkaConnection } from 'kafka-restaurants-kafka'
import type { App, Metrics } from 'kafka-restaurants-service'
import type { EventBus } from './bus.ts'
import { type Inbound, inboundSide } from './inbound.ts'
import { type Outbound, outboundSide } from './outbound.ts'
import type { Side } from './side.ts'
import type { SpoolStatus } from './spool.ts'

/** How a bus is bridged. `readBridgeConfig` reads all but log and metrics from YAML. */
export interface BridgeOptions {
  kafka: KafkaConnection
  metrics: Metrics
  /** What comes in. Nothing unless given. */
  inbound?: Inbound | undefined
  /** What goes out. Nothing unless given. */
  outbound?: Outbound | undefined
}

export const directions = ['inbound', 'outbound'] as const
type Direction = (typeof directions)[number]

interface DirectionStatus {
  status: 'started' | 'stopped' | 'partly started'
  patterns: { pattern: string; status: 'started' | 'stopped' }[]
  /** Why it does not work now, a sentence each. */
  troubles: string[]
}

export interface BridgeStatus {
  status: DirectionStatus['status']
  /** `topics` are those of Kafka that are read. */
  inbound: DirectionStatus & { topics: string[] }
  /** `spool` is what waits, by pattern, too; null where nothing can go out. */
  outbound: DirectionStatus & { spool: SpoolStatus | null }
}

/** What is started or stopped: a pattern of a direction, a direction, or all. */
export interface Which {
  direction?: Direction | undefined
  pattern?: string | undefined
}

/** There is no such pattern. */
export class UnknownPatternError extends Error {
  override name = 'UnknownPatternError'
}

export interface Bridge extends Required<Pick<App, 'crashed' | 'notReady' | 'outages'>> {
  /** Has patterns taken up; those that are already go on. @throws UnknownPatternError */
  start: (which?: Which) => Promise<void>
  /**
   * Has patterns let go: when it resolves, none of their events is handed over any more. Those that go out are kept in
   * the spool, those that come in in Kafka. @throws UnknownPatternError
   */
  stop: (which?: Which) => Promise<void>
  status: () => BridgeStatus
  /** Stops for good, at the end of the process. What is on its way is finished, or kept. */
  close: () => Promise<void>
}

/**
 * Bridges a bus to Kafka. All is stopped until `start`; what is published before is kept in the spool.
 * @throws ConfigError where the spool can't be opened
 * @throws SyntaxError for a pattern that is no regular expression
 */
export function kafkaBridge(bus: EventBus, { kafka, metrics, inbound, outbound }: BridgeOptions): Bridge {
  const self = randomUUID()
  const came = inbound && inboundSide(bus, inbound, { kafka, metrics, self })
  const goes = outbound && outboundSide(bus, outbound, { kafka, metrics, self })
  const sides = { inbound: came, outbound: goes }
  let closing: Promise<unknown> | undefined

  const chosen = ({ direction, pattern }: Which): { side: Side; patterns: string[] }[] => {
    const asked = directions.flatMap(each => ((direction ?? each) === each ? (sides[each] ?? []) : []))
    const known = asked.flatMap(({ states }) => [...states.keys()])
    if (pattern !== undefined && !known.includes(pattern))
      throw new UnknownPatternError(`there is no pattern ${pattern}; there are: ${known.join(', ')}`)
    return asked.map(side => ({
      side,
      patterns: [...side.states.keys()].filter(each => (pattern ?? each) === each),
    }))
  }
  const set = async (which: Which, isStarted: boolean) => {
    await Promise.all(
      chosen(which).map(async ({ side, patterns }) => {
        for (const pattern of patterns) side.states.set(pattern, isStarted)
        await side.changed()
      }),
    )
  }
  return {
    start: (which = {}) => set(which, true),
    stop: (which = {}) => set(which, false),
    status: () => {
      const inbound = { ...statusOf(came), topics: came?.topics() ?? [] }
      const outbound = { ...statusOf(goes), spool: goes?.spooled() ?? null }
      return { status: together([...inbound.patterns, ...outbound.patterns]), inbound, outbound }
    },
    crashed: came?.crashed ?? new Promise(() => {}),
    notReady: () => came?.notReady() ?? [],
    outages: () => [...(came?.outages() ?? []), ...(goes?.outages() ?? [])],
    close: async () => {
      closing ??= Promise.all([came?.close(), goes?.close()])
      await closing
    },
  }
}

function statusOf(side: Side | undefined): DirectionStatus {
  const patterns = [...(side?.states ?? [])].map(([pattern, isStarted]) => ({
    pattern,
    status: isStarted ? ('started' as const) : ('stopped' as const),
  }))
  return { status: together(patterns), patterns, troubles: side?.troubles() ?? [] }
}

function together(patterns: DirectionStatus['patterns']): DirectionStatus['status'] {
  const started = patterns.filter(({ status }) => status === 'started').length
  if (started === 0) return 'stopped'
  return started === patterns.length ? 'started' : 'partly started'
}
