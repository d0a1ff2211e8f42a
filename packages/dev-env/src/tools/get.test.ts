import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Trouble } from 'kafka-restaurants-service/command'
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest'
import { testRun } from '../testing/run.ts'
import { goDir } from './find.ts'
import { describeNeeds, getMissing, notRun } from './get.ts'
import type { Need } from './needs.ts'

vi.spyOn(console, 'log').mockImplementation(() => {})

/** A need that is not here until it is got. */
function need(name: string, more: { isOpen?: boolean; fails?: Error; standIn?: boolean } = {}) {
  let isHere = false
  const get = vi.fn(async () => {
    if (more.fails) throw more.fails
    await new Promise(resolve => setTimeout(resolve, 50))
    isHere = true
  })
  const it: Need = {
    name,
    parts: ['unit'],
    tests: `all with ${name}`,
    isHere: () => isHere,
    standIn: async () => more.standIn ?? false,
    way: { says: 'by hand', isOpen: () => more.isOpen ?? true, get, command: () => `fetch ${name}` },
  }
  return { it, get }
}

let folder: string
const ourRun = testRun()
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'get-'))
})
afterEach(() => rmSync(folder, { recursive: true }))
afterAll(() => ourRun.end())
const get = (...needs: Need[]) => getMissing(needs, ourRun, folder)

test('what is missing is got once, also by two at the same time and by a later one', async () => {
  const wanted = need('a')
  expect(await Promise.all([get(wanted.it), get(wanted.it)])).toEqual([[], []])
  expect(await get(wanted.it)).toEqual([])
  expect(wanted.get).toHaveBeenCalledTimes(1)
})

test("what a killed run left half done is removed, and what was pinned before; its lock is nobody's", async () => {
  mkdirSync(join(folder, 'incomplete-Ab12'))
  mkdirSync(join(folder, 'go-1234'))
  mkdirSync(join(folder, 'node_modules'))
  mkdirSync(join(folder, basename(goDir)))
  writeFileSync(join(folder, 'platform.pid'), '4194305')
  expect(await get(need('a').it)).toEqual([])
  expect(readdirSync(folder)).toEqual([basename(goDir), 'node_modules'])
})

test('when the run is ended, nothing more is got', async () => {
  const run = testRun()
  const [first, second] = [need('a'), need('b')]
  first.it.way.get = async () => run.end()
  await expect(getMissing([first.it, second.it], run, folder)).rejects.toThrow('aborted')
  expect(second.get).not.toHaveBeenCalled()
})

test('what fails or is not to be had is missing, the others are got, and one with a stand-in is not missed', async () => {
  const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' })
  const [fails, failsToo, closed, fine, replaced] = [
    need('a', { fails: new Trouble('no network') }),
    need('a2', { fails: full }),
    need('b', { isOpen: false }),
    need('c'),
    need('d', { isOpen: false, standIn: true }),
  ]
  const missing = await get(...[fails, failsToo, closed, fine, replaced].map(({ it }) => it))
  expect(missing).toEqual([fails.it, failsToo.it, closed.it])
  expect(closed.get).not.toHaveBeenCalled()
  expect(fine.it.isHere()).toBe(true)
})

test("a fault of our own is not taken for something that can't be had", async () => {
  await expect(get(need('a', { fails: new TypeError('ours') }).it)).rejects.toThrow('ours')
})

test('the sentence names what is not run, and the command that brings it', () => {
  expect(notRun(need('b', { isOpen: false }).it)).toBe(
    'without b, not run: all with b. What brings it: fetch b',
  )
  expect(notRun(need('a').it)).toContain('What brings it: npm test')
})

test('the list tells what is here, will be got, and is missing, and gets nothing', async () => {
  const [here, open, closed] = [need('a'), need('b'), need('c', { isOpen: false })]
  await here.it.way.get(here.it, async () => {})
  expect(await describeNeeds([here.it, open.it, closed.it])).toEqual([
    'a: here',
    'b: will be got, by hand',
    'c: MISSING; without c, not run: all with c. What brings it: fetch c',
  ])
  expect(open.get).not.toHaveBeenCalled()
})
