import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'

const index = new URL('./index.ts', import.meta.url).href
const service = `
  import { crashEnv, runService, serviceEnv } from '${index}'
  import { z } from '${import.meta.resolve('zod')}'
  const stop = async () => console.log('stopped in order')
  process.on('SIGTERM', () => console.log('asked to stop'))
  await runService({ name: 'toy', config: z.object({ ...serviceEnv(0), ...crashEnv }), createApp: () => ({ stop }) })
`
/** As the first process of a container is: the first of its own. */
const contained = ['unshare', '--user', '--map-root-user', '--pid', '--fork', '--kill-child', '--mount-proc']
const canContain = spawnSync(contained[0] ?? '', [...contained.slice(1), 'true']).status === 0

async function start(env: Record<string, string>, before: string[] = []) {
  const [command = '', ...words] = [...before, process.execPath, '--input-type=module', '--eval', service]
  const child = spawn(command, words, {
    env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: '0', METRICS_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = once(child, 'close')
  let printed = ''
  const url = await new Promise<string>((resolve, reject) => {
    void ended.then(() => reject(new Error(`It ended:\n${printed}`)))
    createInterface(child.stdout).on('line', line => {
      printed += `${line}\n`
      if (line.includes('"ready"')) resolve(`http://127.0.0.1:${JSON.parse(line).metricsPort}`)
    })
  })
  const crash = (headers: Record<string, string>) => fetch(`${url}/crash`, { method: 'POST', headers })
  return { crash, ended, printed: () => printed }
}

describe('a service that may be killed by a call', () => {
  it('dies as by kill -9: stopping nothing, and without an answer', async () => {
    const { crash, ended, printed } = await start({ CRASH_ALLOWED: 'true' })
    await expect(crash({ 'X-Backstage': 'yes' })).rejects.toThrow('fetch failed')
    expect(await ended).toEqual([null, 'SIGKILL'])
    expect(printed()).not.toMatch(/stop/)
  })

  it.runIf(canContain)(
    'does so in a container, too, whose first process no signal of its own kills',
    async () => {
      const { crash, ended, printed } = await start({ CRASH_ALLOWED: 'true' }, contained)
      await expect(crash({ 'X-Backstage': 'yes' })).rejects.toThrow('fetch failed')
      expect(await ended).toEqual([137, null])
      expect(printed()).not.toMatch(/stop/)
    },
  )

  it('is not killed by what a page of another site can send', async () => {
    const { crash } = await start({ CRASH_ALLOWED: 'true' })
    const answer = await crash({ 'Content-Type': 'text/plain' })
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('X-Backstage')])
  })
})

it.each<Record<string, string>>([{}, { CRASH_ALLOWED: 'false' }, { CRASH_ALLOWED: '' }])(
  'a service has nothing that kills it with %o',
  async env => {
    const { crash } = await start(env)
    expect((await crash({ 'X-Backstage': 'yes' })).status).toBe(404)
  },
)
