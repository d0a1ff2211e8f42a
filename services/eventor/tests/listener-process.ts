import { PutOffError } from 'kafka-restaurants-delivery'
import { type ListenerSpec, listenerOf } from './brokers.ts'

/** What a listener in a process of its own does with its events, until somebody kills it. */
export interface Plan {
  spec: ListenerSpec
  concurrency: number
  /** So many events are handled. */
  finish: number
  /** So many tries of each further one put it off; the next never ends. */
  putOff: number
}

const { spec, concurrency, finish, putOff }: Plan = JSON.parse(process.argv[2] ?? '{}')
let finished = 0

await listenerOf(
  spec,
  async ({ value }, attempt) => {
    const isToFinish = finished < finish
    finished += 1
    console.log(JSON.stringify({ value: value.toString(), attempt, done: isToFinish }))
    if (isToFinish) return
    if (attempt <= putOff) throw new PutOffError('not now', { waitMs: 10 })
    await new Promise(() => {})
  },
  { concurrency },
).start()
setInterval(() => {}, 60_000)
