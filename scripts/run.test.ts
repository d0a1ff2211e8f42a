import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

const script = resolve(import.meta.dirname, 'run.mjs')
const run = (...args: string[]) => spawnSync(process.execPath, args, { encoding: 'utf8' })

test('a Node that is too old is told so', () => {
  const pretend = `data:text/javascript,Object.defineProperty(process,'version',{value:'v18.20.0'})`
  const { status, stderr } = run('--import', pretend, script, 'start')
  expect(stderr).toBe(
    'Kafka Restaurants needs Node 20 or later, and this is v18.20.0. Install a newer one and try again.\n',
  )
  expect(status).toBe(1)
})

test('an unknown command is told what there is', () => {
  const { status, stderr } = run(script, 'fly')
  expect(stderr).toContain('start|test|bench|chaos|cluster|dead-letters|clean|format')
  expect(status).toBe(1)
})

test.each(['start', 'test', 'chaos', 'dead-letters', 'clean', 'format'])('%s explains itself', command => {
  const { status, stdout } = run(resolve(import.meta.dirname, `${command}.ts`), '--help')
  expect(stdout).toMatch(/^npm (run )?\w+/)
  expect(status).toBe(0)
})

test('an offset that is no number is refused', () => {
  const { status, stderr } = spawnSync(process.execPath, [resolve(import.meta.dirname, 'start.ts')], {
    encoding: 'utf8',
    env: { ...process.env, PORT_OFFSET: 'many' },
  })
  expect(stderr).toContain('PORT_OFFSET must be a whole number from 0 to ')
  expect(status).toBe(1)
})
