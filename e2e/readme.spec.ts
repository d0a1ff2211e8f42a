import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from '@playwright/test'
import { findTool } from 'kafka-restaurants-dev-env/tools/find'

const root = fileURLToPath(new URL('..', import.meta.url))
const readme = readFileSync(`${root}/README.md`, 'utf8')
const commands = [...readme.matchAll(/```sh\n(.*?)\n```/gs)].map(([, block]) => block ?? '')

/** Where the README's addresses are in this run. */
const addresses: Record<string, string | undefined> = {
  'localhost:8080': process.env.SITE_URL,
  'localhost:1080': process.env.INBOX_URL,
  'localhost:5015': process.env.BANK_ADMIN_URL,
}

async function curl(command: string): Promise<string> {
  const here = Object.entries(addresses).reduce(
    (text, [there, url]) => text.replaceAll(there, url?.replace(/^https?:\/\//, '') ?? there),
    command.replace(/^curl /, 'curl --silent --show-error --fail-with-body '),
  )
  const { stdout } = await promisify(execFile)('bash', ['-euc', here])
  return stdout
}

test.describe.configure({ mode: 'serial' })

test('every curl of the README works, in its order, and ends in one mail and one charge', async () => {
  test.skip(!findTool('curl'), 'there is no curl')
  const curls = commands.filter(command => command.startsWith('curl '))
  expect(curls).toHaveLength(9)
  const [search = '', menu = '', quote = '', order = '', mail = '', charges = '', ...ofMails] = curls
  const [refuse = '', refused = '', mend = ''] = ofMails
  expect(JSON.parse(await curl(search)).length).toBeGreaterThan(0)
  expect(JSON.parse(await curl(menu))).toMatchObject({ id: 'olive-and-thyme' })
  expect(JSON.parse(await curl(quote))).toMatchObject({ minutes: expect.any(Number) })
  const { orderId } = JSON.parse(await curl(order))
  expect(JSON.parse(await curl(order))).toMatchObject({ orderId })
  await expect
    .poll(async () => JSON.parse(await curl(mail)).messages, { timeout: 15_000 })
    .toMatchObject([{ subject: expect.stringMatching(/confirmed/) }])
  const ledger: { idempotency_key: string }[] = JSON.parse(await curl(charges)).charges
  expect(ledger.filter(({ idempotency_key }) => idempotency_key === orderId)).toHaveLength(1)

  expect(JSON.parse(await curl(refuse))).toMatchObject({ mode: 'refuse' })
  try {
    const { orderId: unmailed } = JSON.parse(await curl(refused))
    const charged = async () => JSON.parse(await curl(charges)).charges
    await expect
      .poll(charged, { timeout: 15_000 })
      .toContainEqual(expect.objectContaining({ idempotency_key: unmailed }))
  } finally {
    expect(JSON.parse(await curl(mend))).toMatchObject({ mode: 'normal' })
  }
})

test('every npm command of the README is there, and explains itself', async () => {
  const inline = [...readme.matchAll(/`(npm [^`]+)`/g)].map(([, command]) => command ?? '')
  const npm = [...new Set([...commands.filter(command => command.startsWith('npm ')), ...inline])]
  expect(npm).toEqual(
    expect.arrayContaining(['npm start', 'npm test', 'npm run clean', 'npm run bench -- orders']),
  )
  for (const command of npm) {
    const script = command.replace(/^npm (run )?/, '').split(' ')[0] ?? ''
    const { stdout } = await promisify(execFile)(process.execPath, ['scripts/run.mjs', script, '--help'], {
      cwd: root,
    })
    expect(stdout).toContain(`npm ${script === 'start' || script === 'test' ? '' : 'run '}${script}`)
  }
})

test('every command of the README is run by a test', () => {
  expect(commands.filter(command => !/^(curl|npm) /.test(command))).toEqual([])
})

test('every link of the README leads somewhere', () => {
  const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, link]) => link ?? '')
  expect(links.filter(link => !link.startsWith('http') && !existsSync(`${root}/${link}`))).toEqual([])
})
