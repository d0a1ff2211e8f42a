import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { readPem, readText, TextError } from './text.ts'

function file(...parts: (string | Buffer)[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'text-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'file')
  writeFileSync(path, Buffer.concat(parts.map(part => Buffer.from(part as string))))
  return path
}
const bigEndian = (text: string) => Buffer.from(text, 'utf16le').swap16()

it.each([
  ['', ''],
  ['a', 'a'],
  ['Zoë €\r\n日本 🍜', 'Zoë €\r\n日本 🍜'],
  ['\uFEFF{"a": 1}', '{"a": 1}'],
  ['\uFEFF\uFEFFa', 'a'],
  ['\uFEFF', ''],
  ['a\uFEFF', 'a\uFEFF'],
])('text: %j is %j', (content, text) => {
  expect(readText(file(content))).toBe(text)
})

it.each([
  ['UTF-16 with a mark', Buffer.from('\uFEFF{}', 'utf16le'), 'it is UTF-16: save the file as UTF-8'],
  ['big-endian UTF-16 with a mark', bigEndian('\uFEFF{}'), 'it is UTF-16: save the file as UTF-8'],
  ['UTF-16 without a mark', Buffer.from('{}', 'utf16le'), 'it is UTF-16: save the file as UTF-8'],
  ['big-endian UTF-16 without a mark', bigEndian('{}'), 'it is UTF-16: save the file as UTF-8'],
  ['ISO 8859-1', Buffer.from('a: 1\nb: Café\n', 'latin1'), 'line 2 is no UTF-8: save the file as UTF-8'],
])('%s is refused in words', (_, content, message) => {
  expect(() => readText(file(content))).toThrow(new TextError(message))
})

it('PEM may have a mark, and anything beside the certificates', () => {
  const pem = Buffer.from('# Autorité\n-----BEGIN CERTIFICATE-----\n', 'latin1')
  expect(readPem(file(pem))).toEqual(pem)
  expect(readPem(file('\uFEFF', pem))).toEqual(pem)
  expect(() => readPem(file(Buffer.from('-----BEGIN', 'utf16le')))).toThrow(TextError)
})
