interface MonthOfYear {
  /** From 1. */
  month: number
  year: number
}

/** Reads when a card expires, as it stands on the card or as a browser fills it in: 12/29, 1229 or 12/2029. */
function expiryOf(typed: string): MonthOfYear | undefined {
  const [, month = '', year = ''] =
    /^\s*(\d{1,2})\s*[/.-]?\s*(\d{2}|\d{4})\s*$/.exec(typed.normalize('NFKC')) ?? []
  const read = { month: Number(month), year: Number(year.length === 2 ? `20${year}` : year) }
  return month && read.month >= 1 && read.month <= 12 ? read : undefined
}

/** What is wrong with when a card expires; undefined where it is good until the end of that month or longer. */
export function expiryFault(
  typed: string,
  now: Date,
): 'expiry' | 'expiryShape' | 'expiryFarAhead' | 'expired' | undefined {
  if (!typed.trim()) return 'expiry'
  const expiry = expiryOf(typed)
  if (!expiry) return 'expiryShape'
  const { month, year } = expiry
  if (year > now.getFullYear() + 20) return 'expiryFarAhead'
  const isOver = year < now.getFullYear() || (year === now.getFullYear() && month < now.getMonth() + 1)
  return isOver ? 'expired' : undefined
}

/** Puts the slash in while it is typed. Who deletes it may do so. */
export const withSlash = (typed: string, before: string): string =>
  /^\d{2}$/.test(typed) && typed.length > before.length ? `${typed}/` : typed
