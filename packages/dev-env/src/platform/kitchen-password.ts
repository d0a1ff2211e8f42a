import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from 'kafka-restaurants-service/command'
import { htpasswdLine } from '../edge/htpasswd.ts'

/** For their owner alone. */
const mode = 0o600

/** @throws UsageError for a password that a browser may send in another way than it was typed */
export function refuseBadPassword(given: string | undefined): void {
  if (given === undefined || /^[\x21-\x7e]{8,200}$/.test(given)) return
  throw new UsageError(
    'KITCHEN_PASSWORD needs 8 to 200 characters, of which each is a letter, a digit or a sign of ASCII.',
  )
}

/** The password of the kitchen's staff: what is given, or one that is made once and kept with the data. */
export function passwordOfStaff(dataDir: string, given?: string): string {
  if (given !== undefined) return given
  const file = join(dataDir, 'kitchen-password')
  const kept = readKept(file)
  if (kept) return kept
  const made = randomBytes(12).toString('base64url')
  writeFileSync(file, `${made}\n`, { mode })
  return made
}

/** Writes the file that the edge reads. @returns its name */
export function writeUsers(dataDir: string, password: string): string {
  const file = join(dataDir, 'kitchen-users')
  writeFileSync(file, htpasswdLine('staff', password), { mode })
  return file
}

function readKept(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
