import { type Counting, counter } from './counter.ts'

/** A counter in a process of its own, which writes a dot for each record that it has handled, until somebody kills it. */
const what: Counting = JSON.parse(process.argv[2] ?? '{}')
const worker = counter(what, () => process.stdout.write('.'))
await worker.start()
await worker.crashed
