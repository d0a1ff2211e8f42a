import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { root } from 'kafka-restaurants-dev-env/paths'
import { afterAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'bundle-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A wrong environment is told only when everything has been loaded. */
const environment = { PORT: 'none', BOOTSTRAP_SVR: 'none' }

test.each(readdirSync(resolve(root, 'services')))(
  '%s is bundled for its image, and runs where there are no packages',
  name => {
    const out = join(folder, name)
    const bundled = spawnSync(process.execPath, [resolve(root, 'docker/bundle.ts'), name, out], {
      encoding: 'utf8',
    })
    expect(bundled.stderr).toBe('')
    expect(bundled.status).toBe(0)
    const mains = readdirSync(out).filter(file => file.endsWith('main.mjs'))
    expect(mains).toContain('main.mjs')
    // An SBOM is made of these.
    expect(readdirSync(join(out, 'node_modules'))).toContainEqual(expect.stringMatching(/^zod@\d/))
    for (const main of mains) {
      const { status, stderr } = spawnSync(process.execPath, [main], {
        cwd: out,
        env: environment,
        encoding: 'utf8',
      })
      expect(stderr).toMatch(/The environment can't be used|the file is missing|must be host:port/i)
      expect(status).toBe(2)
    }
  },
)
