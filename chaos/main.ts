import { onStop, outliveOutput } from 'kafka-restaurants-dev-env/signals'
import {
  positiveNumber,
  readArgs,
  reportFailure,
  UsageError,
  wholeNumber,
} from 'kafka-restaurants-service/command'
import { hasPostgres, runChaos } from './chaos.ts'
import { type FaultName, faultNames, isFault } from './plan.ts'
import { reportLines } from './report.ts'

const help = `npm run chaos: breaks a platform of its own in every way while orders come in, and checks that none is lost,
charged twice or mailed wrongly. Exits 0 if every promise was kept, 1 if not.

  npm run chaos -- [options]

  --minutes N     how long orders are sent (default 2; two minutes have every fault at least once)
  --rate N        orders a second (default 50)
  --brokers N     1 or 3 (default 1): of three, one at a time is broken, and orders go on
  --seed N        replays the faults of an earlier run
  --only FAULT    this fault alone; may be given several times

Faults: ${faultNames(1).join(', ')};
with three brokers also: ${ofThree().join(', ')}

Tracking has PostgreSQL where that is here, and its embedded database, which can't be killed, where not.`

const interrupted = new AbortController()
onStop(() => interrupted.abort())
outliveOutput()

try {
  const options = readOptions()
  if (!options) console.log(help)
  else await run(options)
} catch (error) {
  if (interrupted.signal.aborted) {
    console.log('\nStopped: nothing of it runs any more, and its data are removed.')
    process.exitCode = 130
  } else reportFailure(error)
}
process.exit()

async function run(options: NonNullable<ReturnType<typeof readOptions>>) {
  const { seed, minutes, rate, brokers, only } = options
  const replay = [
    '--minutes',
    minutes,
    '--rate',
    rate,
    '--seed',
    seed,
    ...(brokers > 1 ? ['--brokers', brokers] : []),
    ...only.flatMap(name => ['--only', name]),
  ]
  console.log(`Chaos with seed ${seed}: ${rate} orders a second for ${minutes} minutes`)
  console.log(`Replay: npm run chaos -- ${replay.join(' ')}\n`)
  const report = await runChaos({
    ...options,
    only: only.length > 0 ? only : undefined,
    say: line => console.log(`  ${line}`),
    signal: interrupted.signal,
  })
  console.log(reportLines(report).join('\n'))
  process.exitCode = report.violations.length > 0 ? 1 : 0
}

/** @returns undefined where help is wanted */
function readOptions() {
  const text = { type: 'string' } as const
  const { values } = readArgs({
    options: {
      minutes: text,
      rate: text,
      brokers: text,
      seed: text,
      only: { type: 'string', multiple: true },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return undefined
  const brokers = brokerCount(values.brokers)
  return {
    minutes: positiveNumber('--minutes', values.minutes, 2, 10_000),
    rate: positiveNumber('--rate', values.rate, 50, 10_000),
    brokers,
    seed: wholeNumber('--seed', values.seed, Math.floor(Math.random() * 1_000_000)),
    only: (values.only ?? []).map(word => faultOf(word, brokers)),
  }
}

function brokerCount(given = '1'): 1 | 3 {
  if (given === '1') return 1
  if (given === '3') return 3
  throw new UsageError(`--brokers must be 1 or 3, not "${given}"`)
}

function faultOf(word: string, brokers: number): FaultName {
  const names = faultNames(brokers)
  if (word === 'database-kill' && !hasPostgres())
    throw new UsageError(`The fault "${word}" needs PostgreSQL, and there is no initdb here`)
  if (isFault(word) && names.includes(word)) return word
  throw new UsageError(
    isFault(word)
      ? `The fault "${word}" needs --brokers 3`
      : `There is no fault "${word}". There are: ${names.join(', ')}`,
  )
}

function ofThree(): FaultName[] {
  const ofOne = faultNames(1)
  return faultNames(3).filter(name => !ofOne.includes(name))
}
