import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from 'kafka-restaurants-dev-env/ports'
import { waitUntil } from 'kafka-restaurants-dev-env/wait-until'
import { onTestFinished } from 'vitest'

/**
 * NGINX before several gateways, which it asks in turn, until the test is finished.
 * @returns its URL
 */
export async function nginxBefore(urls: string[], program: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-nginx-'))
  const port = await freePort()
  const servers = urls.map(url => `server ${new URL(url).host};`).join(' ')
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; pid nginx.pid; error_log stderr crit; worker_processes 1;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  upstream gateways { ${servers} keepalive 256; }
  server {
    listen 127.0.0.1:${port} backlog=1024;
    location = /up { return 204; }
    location / {
      proxy_pass http://gateways;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      # The default: a call that was not sent yet goes to another one, also a POST.
      proxy_next_upstream error;
      proxy_buffering off;
      proxy_read_timeout 60s;
    }
  }
}
`,
  )
  const child = spawn(program, ['-p', folder, '-c', 'nginx.conf'], { stdio: 'ignore' })
  const exited = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGTERM')
    await exited
    rmSync(folder, { recursive: true, force: true })
  })
  const url = `http://127.0.0.1:${port}`
  await waitUntil('NGINX', 20_000, () =>
    fetch(`${url}/up`).then(
      ({ ok }) => ok,
      () => false,
    ),
  )
  return url
}
