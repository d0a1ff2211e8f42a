// What `helm test` runs in the cluster, from outside the services: an order through the frontend, and its mail.
// Environment: SITE_URL, and INBOX_URL (empty: the mail goes elsewhere, and the taken order is all that can be seen).
import { randomUUID } from 'node:crypto'

const deadline = Date.now() + 120_000
const { SITE_URL, INBOX_URL } = process.env
const email = `helm-test-${randomUUID()}@example.com`

const page = await eventually('the site', () => ask(SITE_URL))
if (!page.body.includes('<html')) fail('the site is no page')
const [restaurant] = JSON.parse((await eventually('the search', () => ask(`${SITE_URL}/api/search`))).body)
if (!restaurant) fail('the catalogue is empty')
const { menu } = JSON.parse((await ask(`${SITE_URL}/api/restaurants/${restaurant.id}`)).body)

const key = randomUUID()
const taken = await eventually('the order', () =>
  ask(`${SITE_URL}/api/orders`, {
    method: 'POST',
    headers: { 'Idempotency-Key': key },
    body: JSON.stringify({
      restaurant: restaurant.id,
      email,
      creditCard: '4242424242424242',
      items: [{ id: menu[0].id, quantity: 1 }],
    }),
  }),
)
const { orderId } = JSON.parse(taken.body)
console.log(`order ${orderId} at ${restaurant.name}: ${taken.status}`)
if (INBOX_URL) {
  const mail = await eventually('the mail', async () => {
    const answer = await ask(`${INBOX_URL}/api/messages?to=${encodeURIComponent(email)}`)
    const [message] = JSON.parse(answer.body).messages
    if (!message) throw new Error('none yet')
    return message
  })
  if (!mail.messageId.includes(`${orderId}.confirmed`))
    fail(`the mail "${mail.subject}" does not confirm the order`)
  console.log(`mail: ${mail.subject}`)
}

/** @throws Error when nothing answers, or the answer is no 2xx */
async function ask(url, init) {
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) })
  const body = await answer.text()
  if (!answer.ok) throw new Error(`${url} answered ${answer.status} ${body.slice(0, 200)}`)
  return { status: answer.status, body }
}

/** Tries until it works, or gives up at the deadline. */
async function eventually(what, attempt) {
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (Date.now() > deadline) fail(`${what}: ${error.message}`)
      await new Promise(resolve => setTimeout(resolve, 500))
    }
  }
}

function fail(why) {
  console.error(why)
  process.exit(1)
}
