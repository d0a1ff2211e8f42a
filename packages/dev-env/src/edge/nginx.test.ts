import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { httpServer } from 'kafka-restaurants-service'
import { expect, test } from 'vitest'
import { root } from '../paths.ts'
import { nginxCommand, nginxIsHere, renderTemplate } from './nginx.ts'

test("names in braces are filled in, and nginx's own variables stay", () => {
  const rendered = renderTemplate(`listen \${LISTEN}; set $a $uri; # \${LISTEN}`, { LISTEN: '8080' })
  expect(rendered).toBe('listen 8080; set $a $uri; # 8080')
})

test('a name that nobody gives is told', () => {
  expect(() => renderTemplate(`\${WEB_UPSTREAM}`, {})).toThrow('WEB_UPSTREAM')
})

test('an idle connection is let go of by nginx before a service does it', async () => {
  const server = httpServer((_request, response) => response.end()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const [, serviceSeconds] = /timeout=(\d+)/.exec(answer.headers.get('keep-alive') ?? '') ?? []
  server.close()
  const template = readFileSync(resolve(root, 'helm/files/nginx.conf.template'), 'utf8')
  const upstreams = template.match(/^ {2}upstream .*?^ {2}}/gms) ?? []
  expect(upstreams.length).toBeGreaterThan(1)
  for (const upstream of upstreams) {
    const [, seconds] = /keepalive_timeout (\d+)s;/.exec(upstream) ?? []
    expect(Number(seconds), upstream).toBeLessThanOrEqual(Number(serviceSeconds) - 10)
  }
})

test.skipIf(!nginxIsHere())('nginx takes the configuration', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nginx ; $x-'))
  const KITCHEN_USERS = join(folder, 'the staff')
  writeFileSync(KITCHEN_USERS, '')
  const { command, args } = nginxCommand({
    LISTEN: '127.0.0.1:8080',
    WEB_UPSTREAM: '127.0.0.1:3000',
    SEARCH_ORDER_UPSTREAM: '127.0.0.1:5000',
    TRACKING_UPSTREAM: '127.0.0.1:5001',
    GATEWAY_UPSTREAM: '127.0.0.1:5004',
    KITCHEN_UPSTREAM: '127.0.0.1:5002',
    COMMAND_QUEUE_UPSTREAM: '127.0.0.1:5003',
    BACKSTAGE_UPSTREAM: '127.0.0.1:5011',
    KITCHEN_USERS,
    ALLOWED_ORIGINS: '',
    RUN_DIR: folder,
  })
  const { status, stderr } = spawnSync(command, ['-t', ...args], { encoding: 'utf8' })
  rmSync(folder, { recursive: true })
  expect(stderr).toContain('test is successful')
  expect(stderr).not.toContain('[warn]')
  expect(status).toBe(0)
})
