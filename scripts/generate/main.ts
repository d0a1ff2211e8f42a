import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { root } from 'kafka-restaurants-dev-env/paths'
import { readArgs, reportFailure } from 'kafka-restaurants-service/command'
import { generated } from './generated.ts'

const help = `npm run format: formats every file, repairs what the linter can repair safely, and makes again what is made
of other files: the line numbers in docs/guarantees.md, the keys in the READMEs of eventor, event-bus and gateway, the values in helm/README.md, the topics of chart and Kafka cluster, the dashboards, the templates of the
mails, the code on /how-it-works.`

try {
  const { values } = readArgs({ options: { help: { type: 'boolean', short: 'h' } } })
  if (values.help) console.log(help)
  else format()
} catch (error) {
  reportFailure(error)
}

function format(): void {
  process.exitCode = biome('.')
  const files = generated().map(({ file, shouldBe }) => {
    writeFileSync(file, shouldBe)
    return file
  })
  process.exitCode ||= biome(...files) // the width of a table's column may be another now
}

function biome(...files: string[]): number {
  const { status } = spawnSync('pnpm', ['exec', 'biome', 'check', '--write', ...files], {
    cwd: root,
    stdio: 'inherit',
  })
  return status ?? 1
}
