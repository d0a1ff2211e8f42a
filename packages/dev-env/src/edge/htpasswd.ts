import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/**
 * A line of an htpasswd file. NGINX knows `{SSHA}` itself, while bcrypt and the like are up to the C library: musl, of its
 * Alpine image, and glibc do not know the same ones.
 */
export const htpasswdLine = (user: string, password: string, salt = randomBytes(8)): string =>
  `${user}:{SSHA}${Buffer.concat([sha1(password, salt), salt]).toString('base64')}\n`

/** Whether a file of such lines has who is named in an `Authorization` header (RFC 7617). */
export function isIn(file: string, authorization = ''): boolean {
  const [user, password] = loginIn(authorization)
  const hash = file.split('\n').find(line => line.startsWith(`${user}:{SSHA}`))
  if (password === undefined || !hash) return false
  const bytes = Buffer.from(hash.slice(hash.indexOf('}') + 1), 'base64')
  const [kept, salt] = [bytes.subarray(0, sha1Bytes), bytes.subarray(sha1Bytes)]
  return kept.length === sha1Bytes && timingSafeEqual(kept, sha1(password, salt))
}

/** Who is named in an `Authorization` header; '' where nobody is. */
export const userIn = (authorization = ''): string => loginIn(authorization)[0] ?? ''

function loginIn(authorization: string): [user?: string, password?: string] {
  const [, encoded = ''] = /^basic +(\S+)$/i.exec(authorization) ?? []
  const [, user, password] = /^([^:]+):(.+)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? []
  return [user, password]
}

const sha1Bytes = 20
const sha1 = (password: string, salt: Buffer) => createHash('sha1').update(password).update(salt).digest()
