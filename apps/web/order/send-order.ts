import { cardDigits, type PlaceOrder, type Problem, type Total } from 'kafka-restaurants-contracts'
import { ask } from '../api/answer.ts'
import { orderAccepted, orderProblem, paymentKey } from '../api/answers.ts'
import { readAs } from '../api/shape.ts'
import { canSeal } from './can-seal.ts'
import { lastFour } from './card-format.ts'
import { readLineId } from './cart.ts'
import type { Click } from './click.ts'
import type { OrderAttempt } from './order-attempt.ts'
import type { OrderContents } from './order-fields.ts'

/**
 * `repriced` orders cost something else by now than what the diner saw, and are worth another try once the diner agrees.
 * `not-taken` and `unanswered` are worth another try with the same attempt; `refused` is not, until something changes.
 * An unanswered order may have been taken: only its key tells the repeat from a second order.
 */
export type SendResult =
  | { state: 'accepted'; orderId: string }
  | { state: 'refused'; problem: Problem }
  | { state: 'repriced'; seen: Total; now: Total }
  | { state: 'not-taken' }
  | { state: 'unanswered' }

/** Sends an order, whose body is there: sending it again repeats it to the letter. @param click that it follows from */
export async function sendOrder(attempt: OrderAttempt, click?: Click): Promise<SendResult> {
  const result = await answerTo(attempt, click)
  click?.end(result.state === 'accepted' ? result.orderId : undefined)
  return result
}

async function answerTo(attempt: OrderAttempt, click: Click | undefined): Promise<SendResult> {
  try {
    const response = await fetch('/api/orders', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': attempt.key, ...click?.headers },
      body: JSON.stringify(attempt.body),
    })
    return await readAnswer(response)
  } catch {
    return { state: 'unanswered' }
  }
}

/** Reads the answer to an order. What is neither a yes nor a no is no answer. */
export async function readAnswer(response: Response): Promise<SendResult> {
  const body: unknown = await response.json().catch(() => undefined)
  if (response.ok) {
    const accepted = readAs(orderAccepted, body)
    return accepted ? { state: 'accepted', orderId: accepted.orderId } : { state: 'unanswered' }
  }
  if (response.status === 503 || response.status === 429) return { state: 'not-taken' }
  if (response.status >= 500) return { state: 'unanswered' }
  const problem = readAs(orderProblem, body)
  if (problem?.total) return { state: 'repriced', ...problem.total }
  return {
    state: 'refused',
    problem: problem ?? { type: 'about:blank', title: '', status: response.status },
  }
}

/** The order as it goes over the wire, or undefined where the bank's key can't be had just now. */
export async function bodyOf(contents: OrderContents): Promise<PlaceOrder | undefined> {
  const { restaurant, email, card, cart, details, locale, total } = contents
  const digits = cardDigits(card)
  const items = Object.entries(cart).map(([line, quantity]) => {
    const { dishId: id, choices } = readLineId(line)
    return { id, quantity, ...(choices.length > 0 && { choices }) }
  })
  const order = {
    restaurant,
    email: email.trim(),
    ...details,
    ...(locale && { locale }),
    total,
    ...(items.length > 0 && { items }),
  }
  // A page that can't seal sends the digits: search-order seals them at once.
  if (!(await canSeal())) return { ...order, creditCard: digits }

  const key = await ask('/api/payment-key', paymentKey)
  if (key.state !== 'ready') return undefined
  // Fetched by then only: nothing of a page needs it before.
  const { sealCard } = await import('kafka-restaurants-contracts/seal-card')
  return { ...order, creditCard: await sealCard(digits, key.data), cardLast4: lastFour(digits) }
}
