import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { logReader, partsWithLog } from './log-lines.ts'

const line = (time: number, msg: string, level = 30) => `${JSON.stringify({ level, time, msg })}\n`

/** A folder with the logs of some parts. */
function logsOf(logs: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'logs-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [part, text] of Object.entries(logs)) writeFileSync(join(folder, `${part}.log`), text)
  return folder
}

const logs = {
  bank: line(1, 'charge a') + line(4, 'charge b'),
  email: line(2, 'mail a') + line(3, 'away', 40),
  Kafka: '[2026-01-01] INFO started\n[2026-01-01] INFO a topic\n',
}
const all = { parts: [], level: 30 }
const shown = (read: ReturnType<typeof logReader>) =>
  read().map(({ part, text }) => `${part} ${text.startsWith('{') ? JSON.parse(text).msg : text}`)

test('the lines of all parts are shown by their times', () => {
  const folder = logsOf(logs)
  expect(partsWithLog(folder)).toEqual(['Kafka', 'bank', 'email'])
  expect(shown(logReader(folder, all))).toEqual([
    'bank charge a',
    'email mail a',
    'email away',
    'bank charge b',
  ])
})

test('lines are chosen by part, by level and by what they are about', () => {
  const folder = logsOf(logs)
  expect(shown(logReader(folder, { ...all, parts: ['bank'] }))).toEqual(['bank charge a', 'bank charge b'])
  expect(shown(logReader(folder, { ...all, level: 40 }))).toEqual(['email away'])
  expect(shown(logReader(folder, { ...all, about: ' a"' }))).toEqual(['bank charge a', 'email mail a'])
  expect(shown(logReader(folder, { ...all, parts: ['Kafka'] }))).toEqual([
    'Kafka [2026-01-01] INFO started',
    'Kafka [2026-01-01] INFO a topic',
  ])
})

test('what is written later comes later, whole lines alone, also of a log that begins anew', () => {
  const folder = logsOf({ bank: line(1, 'one') })
  const read = logReader(folder, all)
  expect(shown(read)).toEqual(['bank one'])
  expect(shown(read)).toEqual([])
  const next = line(2, 'two')
  appendFileSync(join(folder, 'bank.log'), next.slice(0, 10))
  writeFileSync(join(folder, 'email.log'), line(3, 'mail'))
  expect(shown(read)).toEqual(['email mail'])
  appendFileSync(join(folder, 'bank.log'), next.slice(10))
  expect(shown(read)).toEqual(['bank two'])
  writeFileSync(join(folder, 'bank.log'), line(4, 'x'))
  expect(shown(read)).toEqual(['bank x'])
})

test('what only looks like JSON, and empty lines, break nothing', () => {
  const folder = logsOf({ bank: `{"half\n\n{"time":"soon"}\nnull\n${line(1, 'one')}` })
  expect(shown(logReader(folder, all))).toEqual(['bank one'])
  expect(logReader(folder, { ...all, parts: ['bank'] })()).toHaveLength(4)
})
