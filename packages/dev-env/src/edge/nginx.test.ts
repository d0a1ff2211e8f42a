import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nginxCommand, nginxIsHere, renderTemplate } from './nginx.ts'

test("names in braces are filled in, and nginx's own variables stay", () => {
  const rendered = renderTemplate(`listen \${LISTEN}; set $a $uri; # \${LISTEN}`, { LISTEN: '8080' })
  expect(rendered).toBe('listen 8080; set $a $uri; # 8080')
})

test('a name that nobody gives is told', () => {
  expect(() => renderTemplate(`\${WEB_UPSTREAM}`, {})).toThrow('WEB_UPSTREAM')
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
