import { onStop, outliveOutput } from 'kafka-restaurants-dev-env/signals'
import { readArgs, reportFailure, Trouble, UsageError, wholeNumber } from 'kafka-restaurants-service/command'
import { seeArgoCd } from './argocd.ts'
import { seeChart } from './chart.ts'
import { type Checks, createChecks } from './checks.ts'
import { type Load, seeLoad } from './load.ts'
import { type Lab, lowerLab, raiseLab } from './raise.ts'

const help = `npm run cluster: puts the platform on a real Kubernetes cluster, and sees that it keeps its promises there.

  npm run cluster               the chart: install, order, upgrade, scale and lose brokers under load, rollback, uninstall
  npm run cluster -- argocd     Argo CD: it follows a commit, and heals what was changed by hand
  npm run cluster -- load       orders at a rate or two, what each part uses for one, and what the model says of that
      --rate 50 --rate 150      orders a second; with one broker, as on Minikube
      --places 2                places of each kitchen: once they are full orders wait in line, and only mails have to keep up;
                                unless given, there is one for every order, and dishes have to, too
  npm run cluster -- --keep     leaves everything up, to look at

Engine and cluster are those of shared/lab, or of LAB=FOLDER. The first time they are built, which takes half an hour.
Prints a table at the end, and exits 1 if anything in it failed.`

type See = (lab: Lab, checks: Checks, keep: boolean, load: Load) => Promise<void>
const sights: Record<string, See> = { chart: seeChart, argocd: seeArgoCd, load: seeLoad }
const usualRates = [50, 150]

const interrupted = new AbortController()
onStop(() => interrupted.abort())
outliveOutput()

try {
  const { values, positionals } = options()
  if (values.help) console.log(help)
  else
    await run(positionals[0] ?? 'chart', values.keep, {
      rates: ratesOf(values.rate),
      places: placesOf(values.places),
    })
} catch (error) {
  if (interrupted.signal.aborted) {
    console.log('\nStopped. What was installed stays in the cluster until the next run.')
    process.exitCode = 130
  } else reportFailure(error)
}
process.exit()

function options() {
  const parsed = readArgs({
    allowPositionals: true,
    options: {
      keep: { type: 'boolean', default: false },
      rate: { type: 'string', multiple: true },
      places: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const [what, ...more] = parsed.positionals
  if (more.length === 0 && (what === undefined || Object.hasOwn(sights, what))) return parsed
  const there = Object.keys(sights).join(', ')
  throw new UsageError(`There is no "${parsed.positionals.join(' ')}" to be seen. There are: ${there}.`)
}

function ratesOf(given?: string[]): number[] {
  return given?.map(rate => wholeNumber('--rate', rate, 0, { min: 1, max: 10_000 })) ?? usualRates
}

function placesOf(given?: string): number | undefined {
  return given === undefined ? undefined : wholeNumber('--places', given, 0, { min: 1, max: 10_000 })
}

async function run(what: string, keep: boolean, load: Load): Promise<void> {
  const { signal } = interrupted
  const checks = createChecks(line => console.log(line), signal)
  try {
    const lab = await raiseLab(checks, signal, what === 'load' ? 1 : 3)
    await sights[what]?.(lab, checks, keep, load)
  } finally {
    console.log(`\n${checks.table()}\n`)
    if (!keep) await lowerLab()
  }
  const failures = checks.failures()
  if (failures > 0) throw new Trouble(`${failures} of these failed; above stands why.`)
}
