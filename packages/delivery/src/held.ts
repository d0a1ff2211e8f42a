/** An item that is not done. All times are on the clock of `performance.now()`. */
export interface Held<Item> {
  item: Item
  /** Counts up with each that comes. */
  number: number
  key: string | undefined
  /** The one behind it in the line of its key. */
  next: Held<Item> | undefined
  inHand: boolean
  /** When it may be tried again; 0 before its first try. */
  dueAt: number
  /** When it may be tried again at the earliest, as its error asked. */
  askedUntil: number
  /** The tries that count. */
  attempts: number
  /** How often it has failed in a row without an answer about itself. */
  failures: number
  /** Whether others passed while it failed: then its failure is no news about them. */
  isKnown: boolean
  /** Whether its last try counts as soon as another passes. */
  mayCount: boolean
  /** How many outages there had been when it was begun. */
  begunAfter: number
}
