/** RFC 5322 atext, and RFC 6531's letters of all alphabets: what WHATWG's forms and mail servers both take. */
const local = /^[\w!#$%&'*+/=?^`{|}~\u0080-\u{10ffff}-]+(?:\.[\w!#$%&'*+/=?^`{|}~\u0080-\u{10ffff}-]+)*$/u
/** What no mailbox has in its name: blanks, controls, half of surrogate pairs, unassigned and private characters. */
const unprintable = /[\p{Z}\p{C}]/u
const label = /^[\da-z](?:[\da-z-]{0,61}[\da-z])?$/
const octets = new TextEncoder()

/**
 * The domain of a mail address as mail servers know it, in ASCII (IDNA, Punycode); undefined where it is none that mail
 * can be sent to: host names of two labels and more, none of them longer than 63 octets (RFC 5321, 4.1.2 and 4.5.3.1).
 */
export function mailDomain(domain: string): string | undefined {
  if (!/^[\p{L}\p{M}\p{N}.-]+$/u.test(domain)) return undefined
  const url = `http://${domain}/`
  const ascii = URL.canParse(url) ? new URL(url).hostname : ''
  const labels = ascii.split('.')
  const isName =
    labels.length > 1 && labels.every(each => label.test(each)) && !/^\d+$/.test(labels.at(-1) ?? '')
  return isName && ascii.length <= 253 ? ascii : undefined
}

/**
 * Whether a text is one mail address that mail can be sent to. Addresses that RFC 5321 allows and WHATWG's forms do not
 * (quoted, or in square brackets) are none, nor are those that only the latter take (dots side by side).
 */
export function isMailAddress(text: string): boolean {
  const at = text.lastIndexOf('@')
  const name = text.slice(0, Math.max(at, 0))
  const domain = mailDomain(text.slice(at + 1))
  if (!domain || !local.test(name) || unprintable.test(name)) return false
  const length = octets.encode(name).length
  // The most that fits into RFC 5321's path of 256 octets, angle brackets included.
  return length <= 64 && length + 1 + domain.length <= 254
}

/** A mail address without what comes along with it when it is typed or pasted: blanks, and marks of right-to-left text. */
export const addressAsTyped = (text: string): string =>
  text.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '').trim()

/** A mail address as strangers may see it: its first letter, and its domain. */
export function maskedAddress(address: string): string {
  const at = address.lastIndexOf('@')
  const [first = ''] = address
  return at < 1 ? '…' : `${first}…${address.slice(at)}`
}

/** What stands before an address in a text. */
const between = /[\s"'<>()[\]{},;:\\|=&/@]/
const atSign = /@|%40/gi
/**
 * Not a place in Kafka, such as `order-3@42`, nor a package with its version, such as `express@5.3.0_@types+express`; but a
 * domain of which somebody has forgotten the end.
 */
const domainInText =
  /(?:[\p{L}\p{M}\p{N}_-]+\.)+\p{L}[\p{L}\p{M}\p{N}-]+|\p{L}[\p{L}\p{M}\p{N}-]*(?![\w+@/-])/uy

/**
 * Masks whatever looks like a mail address in a text, wherever it stands, also as a URL has it (`%40`): its first letter and
 * its domain are left. Its time grows with the text alone. Returns the text itself where there is none.
 * @param shown what stands for an address, of which it gets the first letter and the domain
 */
export function maskMailAddresses(text: string, shown: (address: string) => string = maskedAddress): string {
  const parts: string[] = []
  let [done, from] = [0, 0]
  for (const { index, 0: sign } of text.matchAll(atSign)) {
    let first = index
    while (first > from && !between.test(text[first - 1] ?? '')) first -= 1
    from = index + sign.length
    domainInText.lastIndex = from
    const domain = domainInText.exec(text)?.[0]
    if (first === index || domain === undefined) continue
    const [letter = ''] = text.slice(first, index)
    parts.push(text.slice(done, first), shown(`${letter}@${domain}`))
    done = from + domain.length
    from = done
  }
  return done === 0 ? text : parts.join('') + text.slice(done)
}
