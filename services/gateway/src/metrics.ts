import { counter, Gauge, Histogram, type Metrics } from 'kafka-restaurants-service'

/** What became of a reply that was read: most of all replies are another replica's. */
type ReplyKind =
  | 'matched'
  | 'retained'
  | 'duplicate'
  | 'late'
  | "nobody's here"
  | 'without id'
  | 'unreadable'
  | 'too large'

/** What became of a call. */
export type Outcome = 'answered' | 'timed out' | 'left' | 'refused' | 'unavailable' | 'accepted' | 'bad reply'

export interface GatewayMetrics {
  call: (route: string, outcome: Outcome) => void
  reply: (kind: ReplyKind) => void
  /** @param ms from the request's arrival to its reply's */
  roundTrip: (route: string, ms: number) => void
}

export function gatewayMetrics(
  metrics: Metrics,
  { pending, retained }: { pending: () => number; retained: () => number },
): GatewayMetrics {
  const calls = counter(metrics, {
    name: 'gateway_calls_total',
    help: 'Calls of a route, by what became of them',
    labelNames: ['route', 'outcome'],
  })
  const replies = counter(metrics, {
    name: 'gateway_replies_total',
    help: 'Replies that were read, by what they were to this replica',
    labelNames: ['kind'],
  })
  const seconds = new Histogram({
    name: 'gateway_round_trip_seconds',
    help: 'Seconds from a request to its reply',
    labelNames: ['route'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [metrics],
  })
  const registers = [metrics]
  new Gauge({
    name: 'gateway_pending',
    help: 'Calls that wait for their reply',
    registers,
    collect() {
      this.set(pending())
    },
  })
  new Gauge({
    name: 'gateway_retained',
    help: 'Calls whose reply is kept, here and in all other replicas',
    registers,
    collect() {
      this.set(retained())
    },
  })
  const callOf = remembered((route: string) =>
    remembered((outcome: Outcome) => calls.labels({ route, outcome })),
  )
  const replyOf = remembered((kind: ReplyKind) => replies.labels({ kind }))
  const secondsOf = remembered((route: string) => seconds.labels({ route }))
  return {
    call: (route, outcome) => callOf(route)(outcome).inc(),
    reply: kind => replyOf(kind).inc(),
    roundTrip: (route, ms) => secondsOf(route).observe(ms / 1000),
  }
}

/** To look labels up for each call, and each reply that is nobody's here, would be a part of what these cost. */
function remembered<Name, Found>(find: (name: Name) => Found): (name: Name) => Found {
  const all = new Map<Name, Found>()
  return name => {
    const known = all.get(name) ?? find(name)
    all.set(name, known)
    return known
  }
}
