/** An amount as people read it. `cents` are hundredths of the currency's unit. */
export const money = (cents: number, currency: string) =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).format(cents / 100)
