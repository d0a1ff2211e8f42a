/** What a quote is made of. */
export interface Workload {
  /** How long the latest orders took, each in minutes. */
  recentMinutes: number[]
  /** How long one takes where none was cooked yet, in minutes. */
  usualMinutes: number
  /** How many are being cooked. */
  cooking: number
  /** How many wait before they may be cooked. */
  waiting: number
  /** How many may be cooked at a time; unknown or without a limit, as many as are being cooked. */
  slots?: number | undefined
}

/**
 * In how many whole minutes an order that is placed now would be ready. Pure.
 *
 * An order takes `each` minutes: the median of the latest, as one that was forgotten on the stove says nothing of the next.
 * While all slots are taken, one becomes free every `each / slots` minutes, and the new order waits for as many of them as
 * there are orders before it beyond the slots, and one more:
 *
 *     minutes = each + max(0, cooking + waiting - slots + 1) * each / slots
 */
export function minutesUntilReady({
  recentMinutes,
  usualMinutes,
  cooking,
  waiting,
  slots,
}: Workload): number {
  const each = median(recentMinutes) ?? usualMinutes
  const places = Math.max(1, slots ?? cooking)
  const before = Math.max(0, cooking + waiting - places + 1)
  return Math.max(1, Math.ceil(each + (before * each) / places))
}

function median(values: number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return low === undefined || high === undefined ? undefined : (low + high) / 2
}
