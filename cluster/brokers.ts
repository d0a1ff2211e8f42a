import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import { Trouble } from 'kafka-restaurants-service/command'
import { mailsReceived } from '../bench/order-run.ts'
import { seePaid } from './account.ts'
import type { Checks } from './checks.ts'
import { coordinatorOf, evict, kill, replaced, roll } from './kafka.ts'
import type { Lab } from './raise.ts'
import { forwarded, startOrders } from './site.ts'

const ordersPerSecond = 10
const longestSilenceMs = 30_000
const goOnWithinMs = 90_000

/** Takes Kafka's brokers away while orders come in: as a node's drain does, as an upgrade does, and as a crash does. */
export async function seeBrokers(lab: Lab, { see }: Checks, site: string): Promise<void> {
  await see('a broker evicted under load', () =>
    underLoad(lab, site, async () => {
      const broker = await coordinatorOf(lab, 'transaction-service')
      const after = await replaced(lab, broker, async () => {
        await evict(lab, broker)
        await seeRefused(lab, broker)
      })
      return `${broker} back in sync after ${after}`
    }),
  )
  await see('all brokers rolled under load', () =>
    underLoad(lab, site, async () => `each back in sync after ${(await roll(lab)).join(', ')}`),
  )
  await see('a coordinator killed under load', () =>
    underLoad(lab, site, async () => {
      const broker = await coordinatorOf(lab, 'confirmation-service')
      const after = await replaced(lab, broker, () => kill(lab, broker))
      return `${broker} back in sync after ${after}`
    }),
  )
}

/**
 * Has something done to the brokers while orders come in, and mails go out, and then sees that each order is paid and
 * told once.
 */
async function underLoad(lab: Lab, site: string, disturb: () => Promise<string>): Promise<string> {
  const load = await startOrders(site, ordersPerSecond, lab.signal)
  const done = await moreMails(50)
    .then(disturb)
    .finally(() => moreMails(50))
    .catch((error: Error) => error)
  // Whatever came of it, the orders that were taken have to be there.
  const paid = await seePaid(lab, await load.stop(), longestSilenceMs).catch((error: Error) => error)
  if (typeof done === 'string' && typeof paid === 'string') return `${paid}; ${done}`
  const [first, ...more] = [paid, done].map(came => (came instanceof Error ? came.message : came))
  throw new Trouble([first, ...more].join('\n'))
}

/** Waits until so many more mails are in the inbox. */
const moreMails = (count: number) =>
  forwarded('service/kafka-restaurants-inbox', 1080, async inbox => {
    const before = await mailsReceived(inbox)
    await waitUntil(
      `${count} more mails`,
      goOnWithinMs,
      async () => (await mailsReceived(inbox)) >= before + count,
      500,
    )
  })

/** While one broker is away, no other may be evicted. */
async function seeRefused(lab: Lab, away: string): Promise<void> {
  const other = away === 'kafka-0' ? 'kafka-1' : 'kafka-0'
  const answer = await evict(lab, other).then(() => 'granted', String)
  if (!answer.includes('disruption budget')) throw new Trouble(`With ${away} away, ${other} was ${answer}`)
}
