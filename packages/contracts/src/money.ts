/** What an order without items costs, in cents: the first generation's orders named no dishes and no price. */
export const flatAmountCents = 2000

/** The currency of an order that names none. */
export const defaultCurrency = 'EUR'

/** How many decimals a currency's smallest unit has (ISO 4217, list one), where that is not 2. */
const decimalsOf: Readonly<Record<string, number>> = {
  ...inAll(0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'),
  ...inAll(3, 'BHD IQD JOD KWD LYD OMR TND'),
  ...inAll(4, 'CLF UYW'),
}

function inAll(decimals: number, currencies: string): Record<string, number> {
  return Object.fromEntries(currencies.split(' ').map(currency => [currency, decimals]))
}

/**
 * An amount as people write it in a language. `cents` are the currency's smallest unit, whatever that is: 780 are €7.80,
 * ¥780 and BHD 0.780. The decimals are ISO 4217's, as those that `Intl` has are those of everyday prices: none for IQD. A
 * code that is no currency stays a code.
 */
export function money(cents: number, currency: string, language: 'en' | 'he' = 'en'): string {
  const decimals = decimalsOf[currency.toUpperCase()] ?? 2
  const amount = cents / 10 ** decimals
  try {
    let made = last[language]
    if (made?.currency !== currency) {
      made = { currency, format: formatOf(language, currency, decimals) }
      last[language] = made
    }
    return made.format.format(amount)
  } catch {
    return `${amount.toFixed(decimals)} ${currency}`
  }
}

/** The last one made: it costs twenty times as much to make one as to use it, and a platform has one currency. */
const last: Partial<Record<'en' | 'he', { currency: string; format: Intl.NumberFormat }>> = {}

const formatOf = (language: string, currency: string, decimals: number) =>
  new Intl.NumberFormat(language, {
    style: 'currency',
    currency,
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  })
