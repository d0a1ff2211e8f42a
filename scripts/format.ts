import { spawnSync } from 'node:child_process'
import { root } from './paths.ts'

if (process.argv.includes('--help')) {
  console.log('npm run format: formats every file and repairs what the linter can repair safely.')
} else {
  const { status } = spawnSync('pnpm', ['exec', 'biome', 'check', '--write', '.'], {
    cwd: root,
    stdio: 'inherit',
  })
  process.exitCode = status ?? 1
}
