import {
  type CommandRequest,
  type CookingOrder,
  dishInWords,
  kitchenDetailsOf,
  longestMessageKiB,
  type Order,
  QueueId,
} from 'kafka-restaurants-contracts'
import { derivedId } from 'kafka-restaurants-contracts/derived-id'
import type { InputRecord, OutputRecord } from 'kafka-restaurants-kafka'
import { type Masking, maskingFor } from './masking.ts'

const longestMessage = longestMessageKiB * 1024

/**
 * Key, value and headers of the command by which a paid order asks to be cooked: its id is the order's, its resource the
 * restaurant. Whatever was paid has a command that the queue takes.
 */
export function commandRecord(
  orderId: string,
  order: Order,
  headers: InputRecord['headers'],
): Omit<OutputRecord, 'topic'> {
  const masking = maskingFor(order.credit_card)
  const { items, placed_at } = order
  const resource = resourceOf(order.restaurant, masking.text)
  const cooking = {
    // As the queue calls it: by this name the kitchen tells when it is ready.
    restaurant: resource,
    items: items.map(item => ({ name: dishInWords(item), quantity: item.quantity })),
    placed_at,
  }
  const details = kitchenDetailsOf(order)
  const bare = { ...cooking, items: [] }
  const message = shortEnough([{ ...cooking, ...details }, { ...bare, ...details }, cooking], bare, masking)
  return {
    key: resource,
    value: JSON.stringify({ id: commandIdOf(masking.text(orderId)), message } satisfies CommandRequest),
    ...masking.headers(headers),
  }
}

/** The first form that the queue takes; `bare` always is. The mail has what is left out. */
function shortEnough(forms: CookingOrder[], bare: CookingOrder, { json }: Masking): string {
  for (const form of forms) {
    const message = json(form)
    if (Buffer.byteLength(message) <= longestMessage) return message
  }
  return json(bare)
}

/**
 * A restaurant's name as the queue takes it for a resource: with a blank for each control character, none at its ends, and
 * of 200 characters. A name that has nothing else is `-`.
 */
function resourceOf(restaurant: string, mask: (text: string) => string): string {
  const plain = restaurant.toWellFormed().replaceAll(/\p{Cc}/gu, ' ')
  // Masked when the blanks are there, as they may group a card number; cut after that, as masked it may be longer.
  const cut = mask(plain).trim().slice(0, 200)
  // A pair of surrogates may have been cut in two.
  return cut.toWellFormed().trim() || '-'
}

/** An order's id, or where the queue takes that for none, one that is the same each time. */
const commandIdOf = (orderId: string) => (QueueId.safeParse(orderId).success ? orderId : derivedId(orderId))
