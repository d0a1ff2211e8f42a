import { expect, test } from 'vitest'
import { htpasswdLine, isIn } from './htpasswd.ts'

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
const file = htpasswdLine('cook', 'soup') + htpasswdLine('staff', 'a:b ü')

test('a line is what NGINX reads: SHA-1 of password and salt, and the salt', () => {
  // As `openssl dgst -sha1 -binary` has it of "souppepper".
  expect(htpasswdLine('staff', 'soup', Buffer.from('pepper'))).toBe(
    'staff:{SSHA}h4csPdkfs3FKZKbz7EXcVQNkY1dwZXBwZXI=\n',
  )
})

test('who is in the file, with the password, is known', () => {
  expect(isIn(file, basic('staff:a:b ü'))).toBe(true)
  expect(isIn(file, basic('cook:soup').replace('Basic', 'basic '))).toBe(true)
})

test.each([
  undefined,
  '',
  'Basic',
  'Basic !',
  `Bearer ${basic('cook:soup').slice(6)}`,
  basic('cook'),
  basic('cook:'),
  basic('cook:soup '),
  basic('cook:a:b ü'),
  basic('staff\ncook:soup'),
  basic(':soup'),
  basic('nobody:soup'),
])('nobody else is: %s', authorization => {
  expect(isIn(file, authorization)).toBe(false)
})

test('of a file without such lines nobody is known', () => {
  for (const empty of ['', 'cook:soup\n', 'cook:{SSHA}\n', 'cook:{SSHA}c291cA==\n'])
    expect(isIn(empty, basic('cook:soup'))).toBe(false)
})
