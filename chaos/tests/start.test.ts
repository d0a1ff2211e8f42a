import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nginxIsHere } from 'kafka-restaurants-dev-env/edge/nginx'
import { freeOffset, portIsFree, shiftedPorts } from 'kafka-restaurants-dev-env/ports'
import { command, lives } from 'kafka-restaurants-dev-env/testing/processes'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import { expect, onTestFinished, test } from 'vitest'

/** A site may have to be built before. */
const readyWithinMs = 240_000
const stopsWithinMs = 20_000
const limitMs = readyWithinMs + 2 * stopsWithinMs

/** `npm start` on a folder and ports of its own, when it is ready. */
async function started() {
  const dataDir = mkdtempSync(join(tmpdir(), 'start-'))
  const offset = await freeOffset()
  const run = command(['npm', 'start'], { DATA_DIR: dataDir, PORT_OFFSET: String(offset) })
  onTestFinished(async () => {
    for (const pid of below(run.pid)) process.kill(pid, 'SIGKILL')
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 })
  })
  await run.prints('Ready in ', readyWithinMs)
  return { ...run, dataDir, site: shiftedPorts(offset).site, all: [run.pid, ...below(run.pid)] }
}

/** All that a process has started, and what that has. */
function below(pid: number): number[] {
  const rows = execFileSync('ps', ['-axo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
  const pairs = rows.map(row => row.trim().split(/\s+/).map(Number))
  const children = (of: number): number[] =>
    pairs.flatMap(([child = 0, parent]) => (parent === of ? [child, ...children(child)] : []))
  return children(pid)
}

const noneLives = (pids: number[]) =>
  waitUntil('every process has ended', stopsWithinMs, () => pids.every(pid => !lives(pid)), 200)

test(
  'SIGTERM to npm start stops everything in order, NGINX killed before it included',
  async () => {
    const { dataDir, ended, printed, prints, signal, site, all } = await started()
    expect(all.length).toBeGreaterThan(8)
    expect(printed().indexOf('Kafka …')).toBeLessThan(printed().indexOf('✓ Kafka'))
    if (nginxIsHere()) {
      const master = Number(readFileSync(join(dataDir, 'nginx/nginx.pid'), 'utf8'))
      const workers = below(master)
      expect(workers.length).toBeGreaterThan(0)
      process.kill(master, 'SIGKILL')
      await prints('NGINX is back', 30_000)
      expect(workers.filter(lives)).toEqual([])
      expect((await fetch(`http://127.0.0.1:${site}/`)).status).toBe(200)
      all.push(...below(all[0] ?? 0))
    }
    signal('SIGTERM')
    expect(await ended).toBe(0)
    expect(printed()).toMatch(/Everything stopped in .* s\. Data stay in /)
    expect(all.filter(lives)).toEqual([])
    expect(await portIsFree(site)).toBe(true)
  },
  limitMs,
)

test(
  'npm killed with -9 leaves nothing that runs',
  async () => {
    const { signal, all } = await started()
    signal('SIGKILL')
    await noneLives(all)
  },
  limitMs,
)

test(
  'a data folder that is deleted ends the platform in a sentence',
  async () => {
    const { dataDir, ended, printed, all } = await started()
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 })
    expect(await ended).toBe(1)
    expect(printed()).toContain(`${dataDir} was deleted while the platform runs on it. Stopping.`)
    expect(printed()).toMatch(/Everything stopped in .* s\.\n/)
    expect(printed()).not.toMatch(/^ +at /m)
    expect(all.filter(lives)).toEqual([])
  },
  limitMs,
)
