import { runScript } from 'kafka-restaurants-dev-env/testing/processes'
import { expect, it } from 'vitest'
import { written } from './gateway.ts'

const run = (...args: string[]) => runScript('gateway', args, { PORT: '0', METRICS_PORT: '0' })

it('says everything that is wrong in its file, by line, and ends with 2', async () => {
  const file = written('routs: []\nretainMs: soon\n')
  expect(await run('-f', file)).toEqual({
    code: 2,
    printed: `${file}:1: routes: must be given
${file}:1: routs: unknown key; did you mean routes?
${file}:2: retainMs: must be a number
`,
  })
})

it.each([
  [['-f', '/no/such/file'], "/no/such/file can't be read"],
  [[], 'The file is missing: -f FILE.'],
  [['--fil', 'x'], 'There is no option --fil. There are: --file, --check, --help.'],
  [['gateway.yaml'], '"gateway.yaml" is no option.'],
])('%j: %s', async (args, words) => {
  const { code, printed } = await run(...args)
  expect(printed).toContain(words)
  expect(printed).not.toMatch(/^ +at /m)
  expect(code).toBe(2)
})

it('looks into its own sample without a broker, and helps', async () => {
  const sample = 'services/gateway/gateway.yaml'
  expect(await run('-f', sample, '--check')).toEqual({
    code: 0,
    printed: `${sample}: 1 route, nothing wrong\n`,
  })
  const { code, printed } = await run('--help')
  expect([code, printed]).toEqual([0, expect.stringContaining('gateway -f FILE')])
})
