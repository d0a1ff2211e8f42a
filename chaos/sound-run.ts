import { check, type Evidence, type Rule } from './check.ts'

/** Two orders, a first-generation record and a broken one, all as they should be; a test changes what it is about. */
const sound = (): Evidence => ({
  orders: [
    {
      email: 'a@example.com',
      expected: 'confirmed',
      answers: [answer(503), answer(202, 'a'), answer(202, 'a')],
    },
    { email: 'b@example.com', expected: 'declined', answers: [answer(202, 'b')] },
    { email: 'unknown@example.com', expected: 'confirmed', answers: [answer(0)] },
    { email: refusedEmail, expected: 'confirmed', answers: [answer(202, 'r')] },
  ],
  quotes: [
    { restaurant: 'One', status: 200, about: 'One' },
    { restaurant: 'Two', status: 504 },
    { restaurant: 'Three', status: 0 },
  ],
  quotesWaiting: 0,
  records: [
    { at: 'order-0@0', reference: 'order-0@0/1', kind: 'placed' },
    { at: 'order-0@1', reference: 'order-0@1/1', kind: 'placed' },
    { at: 'order-0@2', reference: 'order-0@2/1', kind: 'first-generation' },
    { at: 'order-0@3', reference: 'order-0@3/1', kind: 'broken' },
    { at: 'order-0@4', reference: 'order-0@4/1', kind: 'placed' },
  ],
  charges: [
    { orderId: 'a', reference: 'order-0@0/1', outcome: 'accepted', paymentId: 'pay_a' },
    { orderId: 'b', reference: 'order-0@1/1', outcome: 'declined', paymentId: null },
    { orderId: 'f', reference: 'order-0@2/1', outcome: 'accepted', paymentId: 'pay_f' },
    { orderId: 'r', reference: 'order-0@4/1', outcome: 'accepted', paymentId: 'pay_r' },
  ],
  outcomes: [
    { at: 'order_confirm-0@0', kind: 'confirmed', orderId: 'a', email: 'a@example.com', paymentId: 'pay_a' },
    { at: 'order_declined-0@0', kind: 'declined', orderId: 'b', email: 'b@example.com' },
    { at: 'order_confirm-0@1', kind: 'confirmed', orderId: 'f', email: 'f@example.com', paymentId: 'pay_f' },
    { at: 'order_confirm-0@2', kind: 'confirmed', orderId: 'r', email: refusedEmail, paymentId: 'pay_r' },
  ],
  mails: [
    { messageId: 'a.confirmed', kind: 'confirmed', orderId: 'a', to: 'a@example.com', receivedAt: 0 },
    { messageId: 'b.declined', kind: 'declined', orderId: 'b', to: 'b@example.com', receivedAt: 0 },
    { messageId: 'f.confirmed', kind: 'confirmed', orderId: 'f', to: 'f@example.com', receivedAt: 0 },
  ],
  deadLetters: [
    { at: 'order-0@3', reason: 'the value is not JSON' },
    { at: 'order_confirm-0@2', reason: 'the mail can not be delivered' },
  ],
  histories: [],
  semaphoreLimit: 2,
  commands: [],
  starts: [],
  ends: [],
  rejected: [],
  tickets: [],
  ticketRecords: [],
  inLine: [],
  untold: [],
  lags: [{ group: 'transaction-service', topic: 'order', partition: 0, lag: 0 }],
  leaks: [],
  refusedEmail,
  emailKills: [],
})
const refusedEmail = 'refused@example.com'
export const step = (orderId: string, status: string, at: string) => ({ orderId, status, at })
export const answer = (status: number, orderId?: string) => (orderId ? { status, orderId } : { status })

const resource = 'Fig'
/** A command comes each second, is begun at once, and has ended after a second and a half: two at a time. */
const begun = (index: number) => 1_000 + index * 1_000
const ended = (index: number) => begun(index) + 1_500

/** What becomes of the orders that were confirmed, each once. */
function cookedOf({ outcomes }: Evidence): Partial<Evidence> {
  const confirmed = outcomes.filter(({ kind }) => kind === 'confirmed').map(({ orderId }) => orderId)
  const ids = [...new Set(confirmed)]
  const each = <Item>(item: (id: string, index: number) => Item) => ids.map(item)
  return {
    commands: each((id, index) => ({ at: `asked-0@${index}`, resource, id, writtenAt: begun(index) - 500 })),
    starts: each((id, index) => ({ at: `started-0@${index}`, resource, id, fence: begun(index) })),
    ends: each((id, index) => ({
      at: `ended-0@${index}`,
      resource,
      id,
      fence: begun(index),
      writtenAt: ended(index),
    })),
    tickets: each((orderId, index) => ({
      orderId,
      restaurant: resource,
      state: 'ready',
      cookingAt: begun(index) + 100,
      readyAt: ended(index) - 100,
    })),
    ticketRecords: each((orderId, index) => ({ at: `ticket-0@${index}`, orderId })),
  }
}

/** As tracking tells it, each order that has an outcome once. */
const historiesOf = ({ outcomes, commands, starts, ends }: Evidence): Evidence['histories'] => [
  ...[...Map.groupBy(outcomes, ({ orderId }) => orderId)].flatMap(([orderId, [outcome]]) => [
    step(orderId, 'placed', 'order-0@0'),
    step(orderId, outcome?.kind === 'declined' ? 'declined' : 'paid', outcome?.at ?? ''),
  ]),
  ...commands.map(({ id, at }) => step(id, 'queued', at)),
  ...starts.map(({ id, at }) => step(id, 'cooking', at)),
  ...ends.map(({ id, at }) => step(id, 'ready', at)),
]

/**
 * What the checker says after a change to what a sound run leaves behind, to how its orders are cooked, and to what tracking
 * makes of that.
 */
export function foundAfter(
  change: (evidence: Evidence) => void,
  misread: (histories: Evidence['histories']) => void = () => {},
  miscook: (evidence: Evidence) => void = () => {},
): [Rule, string][] {
  const evidence = sound()
  change(evidence)
  Object.assign(evidence, cookedOf(evidence))
  evidence.histories = historiesOf(evidence)
  miscook(evidence)
  misread(evidence.histories)
  return check(evidence).map(({ rule, words }) => [rule, words])
}
