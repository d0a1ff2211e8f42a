/**
 * The longest time between two of `times` that follow each other, in ms, from the first moment of a window on; a gap that
 * begins in the window counts whole, though it end after it.
 * @param times in any order
 */
export function longestGapMs(times: number[], [from, until]: readonly [number, number]): number {
  const inOrder = times.filter(time => time > from).toSorted((a, b) => a - b)
  let [longest, last] = [0, from]
  for (const time of inOrder) {
    longest = Math.max(longest, time - last)
    last = time
    if (last >= until) return longest
  }
  return Math.max(longest, until - last)
}
