import { counter } from './counter.ts'

/** What a worker counts: the records of each key of `inputs`, up to five and then from one again. */
export interface Counting {
  brokers: string
  group: string
  instance?: string
  inputs: string[]
  changelog: string
  output: string
  /** How long it has each record in hand, in ms. */
  handleMs?: number
  stallMs?: number
}

/** A counter in a process of its own, which writes a dot for each record that it has handled, until somebody kills it. */
const what: Counting = JSON.parse(process.argv[2] ?? '{}')
const worker = counter(what, () => process.stdout.write('.'))
await worker.start()
await worker.crashed
