import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { eventorReadme, withKeys } from './eventor-keys.ts'
import { guaranteesFile, pointAtLines } from './guarantees.ts'
import { root } from './paths.ts'

if (process.argv.includes('--help')) {
  console.log(`npm run format: formats every file, repairs what the linter can repair safely, sets the line numbers in
docs/guarantees.md right, and makes the tables of keys in services/eventor/README.md.`)
} else {
  process.exitCode = biome('.')
  writeFileSync(guaranteesFile, pointAtLines(readFileSync(guaranteesFile, 'utf8')).text)
  writeFileSync(eventorReadme, withKeys(readFileSync(eventorReadme, 'utf8')))
  process.exitCode ||= biome(guaranteesFile) // the width of a table's column may be another now
}

function biome(files: string): number {
  const { status } = spawnSync('pnpm', ['exec', 'biome', 'check', '--write', files], {
    cwd: root,
    stdio: 'inherit',
  })
  return status ?? 1
}
