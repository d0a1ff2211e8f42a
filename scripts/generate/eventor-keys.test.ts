import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { eventorReadme, withKeys } from './eventor-keys.ts'

const text = readFileSync(eventorReadme, 'utf8')

test.each([
  'eventHandler.url',
  'errorHandling.backoff.firstMs',
  'auth.credsFile',
  'clientSecretFile',
  'linger.ms',
])('the tables have %s', key => {
  expect(text).toMatch(new RegExp(`^\\| \`${key}\` +\\|`, 'm'))
})

test('a text without the markers is refused', () => {
  expect(() => withKeys('no markers')).toThrow('there is no "<!-- keys')
})
