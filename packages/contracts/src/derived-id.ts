import { createHash } from 'node:crypto'

/**
 * The id of an order that has none of its own, as the first generation's have not: the same at each redelivery.
 * @param coordinates of its record, and where that holds several, which of them it is
 * @returns 32 hex digits
 */
export const derivedId = (coordinates: string): string =>
  createHash('sha256').update(coordinates).digest('hex').slice(0, 32)
