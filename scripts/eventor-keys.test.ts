import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { eventorReadme, withKeys } from './eventor-keys.ts'

const text = readFileSync(eventorReadme, 'utf8')

test("eventor's README has every key as the schema has it; `npm run format` puts them there", () => {
  expect(text).toBe(withKeys(text))
})

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
