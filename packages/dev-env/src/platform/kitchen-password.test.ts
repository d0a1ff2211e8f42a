import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { isIn } from '../edge/htpasswd.ts'
import { passwordOfStaff, refuseBadPassword, writeUsers } from './kitchen-password.ts'

function folder() {
  const made = mkdtempSync(join(tmpdir(), 'kitchen-password-'))
  onTestFinished(() => rmSync(made, { recursive: true }))
  return made
}

test('a password is made once for each data folder, and nobody else may read it', () => {
  const [one, other] = [folder(), folder()]
  const made = passwordOfStaff(one)
  expect(made).toMatch(/^[\w-]{16}$/)
  expect(passwordOfStaff(one)).toBe(made)
  expect(passwordOfStaff(other)).not.toBe(made)
  expect(statSync(join(one, 'kitchen-password')).mode & 0o777).toBe(0o600)
})

test('one that is given counts, and changes nothing that is kept', () => {
  const here = folder()
  const made = passwordOfStaff(here)
  expect(passwordOfStaff(here, 'correct-horse')).toBe('correct-horse')
  expect(passwordOfStaff(here)).toBe(made)
})

test('the edge is given its hash', () => {
  const here = folder()
  const users = readFileSync(writeUsers(here, 'correct-horse'), 'utf8')
  expect(isIn(users, `Basic ${btoa('staff:correct-horse')}`)).toBe(true)
  expect(users).not.toContain('correct-horse')
})

test.each(['short', 'with a blank', 'pässword', `${'x'.repeat(201)}`])(
  'one that can not be used is refused: %s',
  given => {
    expect(() => refuseBadPassword(given)).toThrow('KITCHEN_PASSWORD needs')
    expect(() => refuseBadPassword('correct:horse')).not.toThrow()
  },
)
