// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what is planted is code
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const root = fileOf('../../..')

/** The lines of a file that a rule of ours finds fault with. */
async function faultsOf(rule: string, lines: readonly string[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'kafka-restaurants-lint-'))
  try {
    const linter = { rules: { preset: 'none' } }
    writeFileSync(join(folder, 'biome.json'), JSON.stringify({ plugins: [fileOf(`./${rule}.grit`)], linter }))
    const file = join(folder, 'planted.tsx')
    writeFileSync(file, lines.join('\n'))
    const options = ['lint', '--reporter=json', '--max-diagnostics=200', `--config-path=${folder}`, file]
    const { stdout } = await promisify(execFile)(join(root, 'node_modules/.bin/biome'), options, {
      cwd: folder,
    }).catch((failed: { stdout: string }) => failed)
    const { diagnostics } = JSON.parse(stdout) as Report
    const found = diagnostics.filter(({ category }) => category === 'plugin')
    const numbers = new Set(found.map(({ location }) => location.start.line))
    return lines.filter((_, index) => numbers.has(index + 1))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface Report {
  diagnostics: { category: string; location: { start: { line: number } } }[]
}

describe('the linter', () => {
  it('finds texts that belong into the catalogues', async () => {
    const wrong = [
      'export const heading = <h1>Your orders</h1>',
      'export const price = <p>{cents} each</p>',
      'export const field = <Field label="Name" />',
      'export const mark = <span aria-label="done" />',
      'export const told = <Notice heading={`Record of ${title}`} />',
      "export const says = isPaid ? 'It was charged.' : undefined",
      "export const words = { reads: 'nobody reads' }",
      "export const titles = { heading: 'Placed' }",
      "export const awaited = { comes: 'is on its way…' }",
      'export const summary = `${wrong.length} fields need another look:`',
      'export const error = `The order of ${name} was not taken`',
    ]
    expect(await faultsOf('prose', wrong)).toEqual(wrong)
  })

  it('takes nothing else for such a text', async () => {
    const right = [
      "'use client'",
      'export const heading = <h1 className="font-bold panel">{t("heading")}</h1>',
      'export const name = <p title={t(`hops.${code}.name`)}>Kafka Restaurants · {total}</p>',
      "export const look = isHere ? 'border-brick bg-brick' : ''",
      'export const box = <p className={`panel min-w-0 p-4 ${look}`} />',
      "export const status = order.status === 'placed' && 'PUT'",
      'export const place = `${topic}, partition ${partition}, offset ${offset}`',
      "export const fault = () => { throw new Error('Texts must be around whatever uses them') }",
      "export const header = { 'content-type': 'application/json', Prefer: 'wait=20' }",
    ]
    expect(await faultsOf('prose', right)).toEqual([])
  })

  it('finds classes for left and right, which are the other way round in Hebrew', async () => {
    const wrong = [
      'export const a = <p className="flex ml-2" />',
      'export const b = `flex sm:-mr-2 ${look}`',
      "export const c = 'text-left'",
      "export const d = isHere ? 'border-l' : 'border-s'",
      "export const e = 'hover:rounded-tl-lg'",
      "export const f = 'right-0 top-0'",
      "export const g = ['!pl-1', 'scroll-mr-4']",
    ]
    expect(await faultsOf('physical-classes', wrong)).toEqual(wrong)
    const right = [
      'export const a = <p className="flex ms-2 -end-1 text-start border-s-2 rounded-ss-lg" />',
      "export const b = direction === 'left' ? 'inset-x-0' : 'crust-l'",
    ]
    expect(await faultsOf('physical-classes', right)).toEqual([])
  })

  it('has these rules for all of the site', () => {
    const { plugins } = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'))
    const tsx = 'apps/web/**/*.tsx'
    expect(plugins).toMatchObject([
      { path: './apps/web/lint/physical-classes.grit', includes: expect.arrayContaining([tsx]) },
      { path: './apps/web/lint/prose.grit', includes: expect.arrayContaining([tsx]) },
    ])
  })
})
