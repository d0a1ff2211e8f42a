import { isMailAddress } from 'kafka-restaurants-contracts'

/** Who sends a mail. */
export interface Sender {
  name: string
  address: string
  /** That of the address; it ends every Message-ID. */
  domain: string
}

/**
 * Reads a sender such as `Name <address@domain>`; undefined where it is none. The name is taken as it is, as it goes into
 * a header quoted: what a `:`, `,` or `;` in it would mean there (a group, a list) is nothing that a sender can be.
 */
export function senderOf(from: string): Sender | undefined {
  const [, name = '', inBrackets, bare] =
    /^(?:([^<>\r\n]*)<([^\s<>]+)>|([^\s<>]+))$/.exec(from.trim())?.map(part => part ?? '') ?? []
  const address = inBrackets || bare || ''
  // A mail server of one's own may know hosts by one label, as localhost.
  const isAddress = isMailAddress(address) || isMailAddress(`${address}.example`)
  const domain = isAddress ? /@([a-z\d.-]+)$/i.exec(address)?.[1] : undefined
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(name.trim())?.[1]?.replace(/\\(.)/g, '$1')
  return domain === undefined ? undefined : { name: quoted ?? name.trim(), address, domain }
}
