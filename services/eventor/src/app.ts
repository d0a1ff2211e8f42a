import type { App, Context } from 'kafka-restaurants-service'
import { within } from './adapters/within.ts'
import type { Pipeline } from './config/schema.ts'
import { listenerMetrics } from './metrics.ts'
import { createPipeline } from './pipeline.ts'

/** How long a call may still take when eventor stops; then its event is handed back. */
const longestCallMs = 4_000
/** With the 8.5 s that a listener may take, less than the 9 s of packages/service. */
const goodbyeMs = 400

/**
 * All pipelines of a file, as one service.
 * @param place names this process among those that live, the same after a restart (`placeName`)
 */
export function createApp(pipelines: Pipeline[], context: Context, place?: string): App {
  const running = pipelines.map(pipeline => createPipeline(pipeline, context, place))
  listenerMetrics(context.metrics, running)
  return {
    crashed: Promise.race(running.map(({ listener }) => listener.crashed)),
    notReady: () =>
      running.flatMap(({ listener, processor }) => [
        ...listener.notReady(),
        ...(processor?.notReady() ?? []),
      ]),
    outages: () => running.flatMap(({ listener }) => listener.outages()),
    start: async () => {
      await Promise.all(running.map(({ processor }) => processor?.start()))
      await Promise.all(running.map(({ listener }) => listener.start()))
    },
    stop: async () => {
      const giveUp = setTimeout(() => running.forEach(({ caller }) => void caller.stop()), longestCallMs)
      await Promise.all(running.map(({ listener }) => listener.stop()))
      clearTimeout(giveUp)
      const others = running.flatMap(({ caller, processor }) => [caller.stop(), processor?.stop()])
      await within(goodbyeMs, Promise.all(others), 'connections are not closed').catch(err =>
        context.log.debug({ err }, 'ends without a goodbye'),
      )
    },
  }
}
