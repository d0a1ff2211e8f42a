import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'

const script = join(import.meta.dirname, 'apt-install.sh')

/** An apt-get that starts nginx and sshd as packages do: if the policy allows it. */
const aptGet = `#!/bin/sh
for service in nginx rabbitmq-server sshd; do
  "$POLICY_RC_D" $service start; echo "$service $?" >>"$SEEN"
done
`

describe.skipIf(process.platform === 'win32')('while a package is installed', () => {
  let env: NodeJS.ProcessEnv & { POLICY_RC_D: string; SEEN: string }
  beforeEach(() => {
    const folder = mkdtempSync(join(tmpdir(), 'apt-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'apt-get'), aptGet, { mode: 0o755 })
    env = {
      ...process.env,
      PATH: `${folder}:${process.env.PATH}`,
      POLICY_RC_D: join(folder, 'policy-rc.d'),
      SEEN: join(folder, 'seen'),
    }
  })
  const install = () => {
    execFileSync('sh', [script, 'a-package'], { env })
    return readFileSync(env.SEEN, 'utf8').trim().split('\n')
  }
  const denied = ['nginx 101', 'rabbitmq-server 101', 'sshd 0']

  test('our servers are kept from starting, no others are, and nothing of that stays', () => {
    expect(install()).toEqual(denied)
    expect(existsSync(env.POLICY_RC_D)).toBe(false)
  })

  test('a policy that is there already stays as it is', () => {
    writeFileSync(env.POLICY_RC_D, '#!/bin/sh\nexit 7\n')
    chmodSync(env.POLICY_RC_D, 0o755)
    expect(install()).toEqual(['nginx 7', 'rabbitmq-server 7', 'sshd 7'])
    expect(readFileSync(env.POLICY_RC_D, 'utf8')).toBe('#!/bin/sh\nexit 7\n')
  })

  test('ours that was left behind denies nothing, and goes with the next one', () => {
    const killed = aptGet.replace('for service', 'kill -9 $PPID; exit 1; for service')
    const folder = join(env.SEEN, '..')
    writeFileSync(join(folder, 'apt-get'), killed)
    expect(spawnSync('sh', [script, 'a-package'], { env }).signal).toBe('SIGKILL')
    expect(spawnSync(env.POLICY_RC_D, ['nginx', 'start']).status).toBe(0)
    writeFileSync(join(folder, 'apt-get'), aptGet)
    expect(install()).toEqual(denied)
    expect(existsSync(env.POLICY_RC_D)).toBe(false)
  })
})
