// The entry of every npm script: `node scripts/run.mjs COMMAND [options]`.
// Gets the tools that the machine lacks (Node 24, pnpm) from npm, installs the packages, and hands over to the command's
// file. Uses nothing but Node's own modules, and nothing that Node 18 can't parse.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const nodeVersion = '24.21.0'
const pnpmVersion = '12.21.0'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const tools = join(root, '.tools')
const windows = process.platform === 'win32'
const runningMajor = Number.parseInt(process.version.slice(1), 10)

const [command, ...options] = process.argv.slice(2)
const files = JSON.parse(readFileSync(join(root, 'scripts/commands.json'), 'utf8'))

if (runningMajor < 20) {
  giveUp(
    `Kafka Restaurants needs Node 20 or later, and this is ${process.version}. Install a newer one and try again.`,
  )
}
if (!Object.hasOwn(files, command || '')) {
  const wrong = command ? `There is no command "${command}".` : 'Which command?'
  giveUp(`${wrong} There are: ${Object.keys(files).join(', ')}; each knows --help.`, 2)
}
const env = cleanEnvironment()
/** What runs just now: signals are passed on to it. */
let child
let asked = false
passSignalsOn()
const node = await getTools()
await installPackages()
handOver()

/** What the outer npm set about itself, NODE too, would mislead pnpm and whom else we call; what people set stays. */
function cleanEnvironment() {
  const kept = /^npm_config_(registry|proxy|https_proxy|noproxy|cafile)$/
  const ofNpm = (name, value) =>
    name.startsWith('npm_') || (name === 'NODE' && value === process.env.npm_node_execpath)
  const entries = Object.entries(process.env).filter(
    ([name, value]) => !ofNpm(name, value) || kept.test(name),
  )
  return Object.fromEntries(entries)
}

/** Puts Node 24 and pnpm first on the PATH, from .tools; gets them there if need be. Returns the Node to run. */
async function getTools() {
  const wanted = [pnpmPackage(), ...(runningMajor < 24 ? [nodePackage()] : [])]
  const missing = wanted.filter(tool => installedVersion(tool.name) !== tool.version)
  if (missing.length > 0) {
    // All of them: npm removes from the folder what it is not asked for.
    const names = wanted.map(({ name, version }) => `${name}@${version}`)
    await step(`tools from npm: ${missing.map(tool => tool.says).join(', ')}`, () => npmInstall(names))
  }
  const folders = wanted.map(({ name, bin }) => join(tools, 'node_modules', name, bin))
  const pathName = Object.keys(env).find(name => name.toUpperCase() === 'PATH') || 'PATH'
  const ownNode = runningMajor >= 24 ? [dirname(process.execPath)] : []
  env[pathName] = [...folders, ...ownNode, env[pathName]].join(delimiter)
  const fetched = wanted.find(({ name }) => name.startsWith('node-'))
  if (!fetched) return process.execPath
  return join(tools, 'node_modules', fetched.name, fetched.bin, windows ? 'node.exe' : 'node')
}

function nodePackage() {
  const system = { 'linux-x64': 'linux-x64', 'linux-arm64': 'linux-arm64', 'win32-x64': 'win-x64' }[
    platform()
  ]
  if (!system)
    giveUp(`Node 24 or later is needed, and npm has none for ${platform()}. Install it and try again.`)
  return { name: `node-${system}`, version: nodeVersion, bin: 'bin', says: `Node ${nodeVersion}` }
}

function pnpmPackage() {
  const known = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64', 'win32-arm64']
  if (!known.includes(platform())) giveUp(`pnpm has no build for ${platform()}.`)
  return { name: `@pnpm/exe.${platform()}`, version: pnpmVersion, bin: '.', says: `pnpm ${pnpmVersion}` }
}

function platform() {
  return `${process.platform}-${process.arch}`
}

function installedVersion(name) {
  const file = join(tools, 'node_modules', name, 'package.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : undefined
}

function npmInstall(names) {
  const flags = [
    '--no-save',
    '--no-package-lock',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--fetch-retries=1',
  ]
  const args = ['install', '--prefix', tools, ...flags, '--loglevel=error', ...names]
  const npmScript = process.env.npm_execpath || ''
  const viaNode = /npm-cli\.[cm]?js$/.test(npmScript)
  return viaNode ? run(process.execPath, [npmScript, ...args]) : run('npm', args, windows)
}

async function installPackages() {
  const pnpm = join(tools, 'node_modules', pnpmPackage().name, windows ? 'pnpm.exe' : 'pnpm')
  await step('packages with pnpm', () =>
    run(pnpm, ['install', '--frozen-lockfile', '--reporter=append-only']),
  )
}

function run(file, args, shell = false) {
  return new Promise(resolve => {
    let output = ''
    child = spawn(file, args, { cwd: root, env, shell, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr]) stream.on('data', text => (output += text))
    child.once('error', error => resolve({ ok: false, output: `${error.message}\n${output}` }))
    child.once('close', code => resolve({ ok: code === 0, output }))
  })
}

/**
 * Shows a line while something runs, with its seconds, on standard error: what the command prints may be piped on.
 * A failure ends the whole with what was printed.
 */
async function step(title, action) {
  const started = Date.now()
  const seconds = digits => `${((Date.now() - started) / 1000).toFixed(digits)} s`
  process.stderr.write(`  ${title} …`)
  const tick = () => process.stderr.write(`\r  ${title} … ${seconds(0)}`)
  const timer = process.stderr.isTTY ? setInterval(tick, 1000) : undefined
  const { ok, output } = await action()
  clearInterval(timer)
  if (asked) process.exit(130)
  process.stderr.write(`${timer ? `\r  ${title} …` : ''} ${ok ? seconds(1) : 'failed'}\n`)
  if (ok) return
  const end = output.trim().split('\n').slice(-8).join('\n  ')
  giveUp(`Could not get the ${title}. The first start needs the network; is it there?\n  ${end}`)
}

/** Runs the command and ends as it ends. */
function handOver() {
  // Their own default is that of every container, and here the bank's; these are none of `npm start`.
  const metricsPort = { eventor: '9469', 'event-bus': '9479', gateway: '9484' }[command]
  if (metricsPort) env.METRICS_PORT ||= metricsPort
  if (command === 'gateway') env.PORT ||= '5014' // the platform's own has 5004
  child = spawn(node, [join(root, files[command]), ...options], { cwd: root, env, stdio: 'inherit' })
  child.once('error', error => giveUp(`${node} does not run: ${error.message}`))
  child.once('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code))
}

/**
 * Signals go to what runs; who gets Ctrl-C from terminal, npm and us counts it once. An npm that is gone without a signal,
 * killed, counts as SIGTERM.
 */
function passSignalsOn() {
  const passOn = signal => {
    asked = true
    if (child) child.kill(signal)
    else process.exit(130)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => passOn(signal))
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {}) // the terminal was closed
  const parent = process.ppid
  const byNpm = process.env.npm_lifecycle_event !== undefined
  if (byNpm) setInterval(() => process.ppid === parent || asked || passOn('SIGTERM'), 500).unref()
}

function giveUp(sentence, code = 1) {
  console.error(sentence)
  process.exit(code)
}
