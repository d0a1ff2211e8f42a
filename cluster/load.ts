import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { OrderAccepted, PaymentKey } from 'kafka-restaurants-contracts'
import { sealCard } from 'kafka-restaurants-contracts/seal-card'
import { openLoop } from 'kafka-restaurants-dev-env/open-loop'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import { Trouble } from 'kafka-restaurants-service/command'
import { Pool } from 'undici'
import { type Figures, readFigures } from '../bench/figures.ts'
import { card } from '../bench/load.ts'
import { percentile } from '../bench/measure.ts'
import { mailsReceived, mailTimes } from '../bench/order-run.ts'
import type { Checks } from './checks.ts'
import { type Lab, namespace, release } from './raise.ts'
import { forwarded, restaurantIds, siteOf } from './site.ts'

/** The autoscalers look every 15 s, and need some looks: what comes before is not measured. */
const settleSeconds = 90
const measureSeconds = 60
const allDoneWithinMs = 180_000
const mostConnections = 64
const placesForAll = 1_000

export interface Load {
  /** Orders a second. */
  rates: number[]
  /** Places of each kitchen, which may be full; one for every order unless given. */
  places: number | undefined
}

/** Orders at rates, one after the other, and what each part of the node uses for an order, beside the model's figure. */
export async function seeLoad(
  lab: Lab,
  { see, need }: Checks,
  keep: boolean,
  { rates, places }: Load,
): Promise<void> {
  const helm = (...words: string[]) => lab.run('helm', [...words, '--namespace', namespace])
  let site = ''
  // Nobody is there who presses "ready".
  const semaphoreLimit = places ?? placesForAll
  const limits = JSON.stringify(JSON.stringify({ semaphoreLimit, queueLimit: null, resources: {} }))
  const kitchens = [
    'services.kitchen.autopilotSeconds=0.1',
    `services.command-queue.limits=${limits}`,
  ].flatMap(each => ['--set-json', each])
  await need(`helm install, kitchens with ${semaphoreLimit} places and no staff`, async () => {
    await helm('install', release, 'helm', ...kitchens, '--wait', '--timeout', '8m')
    site = await siteOf(lab)
    return site
  })
  await see('nothing to do', async () => {
    const before = await cpuOf(lab)
    await setTimeout(measureSeconds * 1_000, undefined, { signal: lab.signal })
    return partsTable(usedBetween(before, await cpuOf(lab)), measureSeconds)
  })
  for (const rate of rates)
    await see(`${rate} orders a second`, () => ordersAt(lab, site, { rate, mayWait: places !== undefined }))
  if (keep) console.log(`The site: ${site}`)
  else await helm('uninstall', release, '--wait', '--timeout', '3m')
}

/**
 * @param mayWait whether orders that are paid may wait in line
 * @throws Trouble where mails, or dishes, do not keep up with the orders
 */
async function ordersAt(
  lab: Lab,
  site: string,
  { rate, mayWait }: { rate: number; mayWait: boolean },
): Promise<string> {
  return forwarded(`service/${release}-inbox`, 1080, async inbox => {
    const pool = new Pool(site, { connections: mostConnections })
    const place = await placer(pool, site)
    const taken = new Map<string, number>()
    const doneSoFar = async () => ({ mails: await mailsReceived(inbox), dishes: await dishesReady(lab) })
    const before = await doneSoFar()
    const load = openLoop(rate, settleSeconds + measureSeconds, () => place(taken), lab.signal)
    await setTimeout(settleSeconds * 1_000, undefined, { signal: lab.signal })
    const [cpu, settled, orders] = [await cpuOf(lab), await doneSoFar(), taken.size]
    const begun = performance.now()
    await load
    const seconds = (performance.now() - begun) / 1_000
    const used = usedBetween(cpu, await cpuOf(lab))
    const done = await doneSoFar()
    const [mailed, cooked] = [done.mails - settled.mails, done.dishes - settled.dishes]
    const sent = taken.size - orders
    const replicas = await replicasOf(lab)
    const allDone = async () => {
      const { mails, dishes } = await doneSoFar()
      return mails - before.mails >= taken.size && (mayWait || dishes - before.dishes >= taken.size)
    }
    await waitUntil(`every order mailed${mayWait ? '' : ' and cooked'}`, allDoneWithinMs, allDone, 1_000)
    const mailedAt = await mailTimes(inbox)
    // The inbox keeps the last ones.
    const waits = [...taken].flatMap(([id, sent]) =>
      mailedAt.has(id) ? Number(mailedAt.get(id)) - sent : [],
    )
    await pool.destroy()
    const perSecond = (count: number) => (count / seconds).toFixed(0)
    const head =
      `${perSecond(sent)} orders/s taken, ${perSecond(mailed)} mails/s, ${perSecond(cooked)} dishes/s,` +
      ` order to mail ${percentile(waits, 50)} ms (p50), ${percentile(waits, 99)} ms (p99)`
    const words = `${head}\n${partsTable(used, seconds, { count: sent, replicas, figures: readFigures() })}`
    const least = 0.95 * rate * measureSeconds
    if (Math.min(sent, mailed, mayWait ? mailed : cooked) < least) throw new Trouble(words)
    return words
  })
}

/** As the site's page places them: the card is sealed, which costs a browser more than it costs here to take the order. */
async function placer(pool: Pool, site: string): Promise<(taken: Map<string, number>) => Promise<void>> {
  const restaurants = await restaurantIds(site)
  const key = PaymentKey.parse(await (await fetch(`${site}/api/payment-key`)).json())
  const order = {
    email: 'bench@example.com',
    creditCard: await sealCard(card, key),
    cardLast4: card.slice(-4),
  }
  let next = 0
  return async taken => {
    const restaurant = restaurants[next++ % restaurants.length]
    const sent = Date.now()
    const { statusCode, body } = await pool.request({
      method: 'POST',
      path: '/api/orders',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() },
      body: JSON.stringify({ restaurant, ...order }),
    })
    const text = await body.text()
    if (statusCode !== 202) throw new Trouble(`An order was answered ${statusCode}: ${text}`)
    taken.set(OrderAccepted.parse(JSON.parse(text)).orderId, sent)
  }
}

/** How many dishes the kitchen has told the command queue of, so that their places are free again. */
async function dishesReady({ run }: Lab): Promise<number> {
  const service = `/api/v1/namespaces/${namespace}/services/${release}-kitchen:metrics`
  const metrics = await run('kubectl', ['get', '--raw', `${service}/proxy/metrics`])
  const [, count] = /^kitchen_calls_total{outcome="taken"} (\d+)$/m.exec(metrics) ?? []
  return Number(count ?? 0)
}

/** The CPU that each part and the node as a whole have used so far, in seconds. */
type Cpu = Map<string, number>

interface Summary {
  node: { cpu: { time: string; usageCoreNanoSeconds: number } }
  pods: {
    podRef: { name: string; namespace: string }
    containers: { name: string; cpu?: { usageCoreNanoSeconds?: number } }[]
  }[]
}

/** As the kubelet counts it (its Summary API), for each container; and for the node, with all that is not in a pod. */
async function cpuOf({ run }: Lab): Promise<Cpu> {
  const node = await run('kubectl', ['get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}'])
  const { node: all, pods }: Summary = JSON.parse(
    await run('kubectl', ['get', '--raw', `/api/v1/nodes/${node}/proxy/stats/summary`]),
  )
  const used: Cpu = new Map([['node', all.cpu.usageCoreNanoSeconds / 1e9]])
  for (const { podRef, containers } of pods)
    for (const { name, cpu } of containers) {
      const part = partOf(podRef, name)
      used.set(part, (used.get(part) ?? 0) + (cpu?.usageCoreNanoSeconds ?? 0) / 1e9)
    }
  return used
}

function partOf({ name, namespace: where }: Summary['pods'][number]['podRef'], container: string): string {
  if (where === 'kafka') return 'Kafka'
  if (where !== namespace) return 'of the cluster'
  const [, part = name] = /^kafka-restaurants-(.+?)-[\da-f]{6,10}-\w{5}$/.exec(name) ?? []
  return container === 'eventor' ? 'kitchen-eventor' : part
}

const usedBetween = (before: Cpu, after: Cpu): Cpu =>
  new Map([...after].map(([part, seconds]) => [part, Math.max(0, seconds - (before.get(part) ?? 0))]))

interface Orders {
  count: number
  replicas: Map<string, string>
  figures: Figures
}

/** What the model calls a part otherwise. */
const inModel: Record<string, string> = { frontend: 'NGINX', web: 'site' }

/** A line for each part: cores in use, ms of CPU an order here and as the model reckons it, and its replicas. */
function partsTable(used: Cpu, seconds: number, orders?: Orders): string {
  const lines = [...used]
    .toSorted(([, one], [, other]) => other - one)
    .map(([part, cpu]) => {
      const cores = `${part.padEnd(16)} ${(cpu / seconds).toFixed(3).padStart(6)} cores`
      if (!orders) return cores
      const here = ((1_000 * cpu) / orders.count).toFixed(2).padStart(7)
      const model = orders.figures.cpuMs[inModel[part] ?? part]?.toFixed(2) ?? ''
      return `${cores} ${here} ms an order ${model.padStart(7)} in the model ${orders.replicas.get(part) ?? ''}`
    })
  return lines.join('\n').replaceAll(/ +$/gm, '')
}

async function replicasOf({ run }: Lab): Promise<Map<string, string>> {
  const each = '{range .items[*]}{.metadata.name} {.status.readyReplicas}{"\\n"}{end}'
  const found = await run('kubectl', [
    'get',
    'deployments',
    '--namespace',
    namespace,
    '-o',
    `jsonpath=${each}`,
  ])
  return new Map(
    found.split('\n').map(line => {
      const [name = '', count = ''] = line.split(' ')
      return [name.replace(`${release}-`, ''), `× ${count}`]
    }),
  )
}
