/**
 * An order id may hold any characters, a Message-ID (RFC 5322 dot-atom) few: the others are written as `=XX`, as is
 * `=` itself, so that two orders never share an id. Half a surrogate pair has no UTF-8, and so is escaped as in JSON.
 */
export function messageId(orderId: string, outcome: 'confirmed' | 'declined', domain: string): string {
  const safe = [...new TextEncoder().encode(JSON.stringify(orderId).slice(1, -1))]
    .map(byte => {
      const character = String.fromCharCode(byte)
      return /[A-Za-z0-9_-]/.test(character)
        ? character
        : `=${byte.toString(16).padStart(2, '0').toUpperCase()}`
    })
    .join('')
  return `<${safe}.${outcome}@${domain}>`
}
