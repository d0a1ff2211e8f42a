import { kafkaConnection } from 'kafka-restaurants-kafka'
import { type DeadLetters, withDeadLetters } from 'kafka-restaurants-kafka/dead-letters'
import { type App, addRoutes, type Context, gauge } from 'kafka-restaurants-service'
import type { Config } from './config.ts'
import { deskActs } from './desk/acts.ts'
import { answering } from './desk/answering.ts'
import { deskWatch } from './desk/watch.ts'
import { actHandlers } from './handlers/acts.ts'
import { letterHandlers } from './handlers/letters.ts'
import { routes } from './handlers/routes.ts'

/** So many are known one by one, a few dozen megabytes of them; of the rest it is known how many there are. */
const mostKnown = 100_000

/** The dead-letter desk: what the command does, over HTTP, for the site's page. */
export function createApp(config: Config, { log, metrics }: Context, most = mostKnown): App {
  const kafka = kafkaConnection(config, 'dead-letters', log)
  const ask = <T>(use: (letters: DeadLetters) => Promise<T>) => answering(() => withDeadLetters(kafka, use))
  const open = gauge(metrics, {
    name: 'kafka_dead_letters_open',
    help: 'Dead letters that nobody has dealt with, by the topic that they come from',
    labelNames: ['topic'],
  })
  const watch = deskWatch({
    ask,
    most,
    looked: topics => {
      open.reset()
      for (const { topic, open: known, unread } of topics) open.set({ topic }, known + unread)
    },
  })
  const acts = deskActs({ watch, ask, log, now: () => new Date() })
  let timer: NodeJS.Timeout | undefined
  const look = () => watch.look().catch(err => log.warn({ err }, 'dead letters can not be counted now'))
  return {
    routes: http => addRoutes(http, routes({ ...letterHandlers({ watch, ask }), ...actHandlers(acts) })),
    start: async () => {
      timer = setInterval(look, config.LOOK_MS)
      void look()
    },
    stop: async () => {
      clearInterval(timer)
      await acts.finished()
    },
  }
}
