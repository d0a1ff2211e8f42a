/**
 * Asks again and again until `condition` gives something truthy, and returns that.
 * @throws what `onTimeout` makes of it, when `deadlineMs` milliseconds have passed
 */
export async function waitUntil<Result>(
  what: string,
  deadlineMs: number,
  condition: () => Promise<Result> | Result,
  intervalMs = 50,
): Promise<Exclude<Result, undefined | false>> {
  const end = Date.now() + deadlineMs
  for (;;) {
    const result = await condition()
    if (result) return result as Exclude<Result, undefined | false>
    if (Date.now() > end) throw new Error(`${what}: not within ${Math.round(deadlineMs / 1000)} s`)
    await new Promise(resolve => setTimeout(resolve, intervalMs))
  }
}
