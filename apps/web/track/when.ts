/** A time as people say it, where they are: today's without the date. */
export function when(at: string, now = new Date(), timeZone?: string): string {
  const date = new Date(at)
  const day = (of: Date) => of.toLocaleDateString('en', { timeZone })
  return date.toLocaleString('en', {
    timeZone,
    timeStyle: 'short',
    ...(day(date) !== day(now) && { dateStyle: 'medium' }),
  })
}
