// The entry of every npm script: `node scripts/run.mjs start|test|bench|chaos|cluster|dead-letters|clean|format [options]`.
// Gets the tools that the machine lacks (Node 24, pnpm) from npm, installs the packages, and hands over to
// scripts/<command>.ts. Uses nothing but Node's own modules, and nothing that Node 18 can't parse.
import { spawn, spawnSync } from 'node:child_process'
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
const script = join(root, 'scripts', `${command}.ts`)

if (runningMajor < 20) {
  giveUp(
    `Kafka Restaurants needs Node 20 or later, and this is ${process.version}. Install a newer one and try again.`,
  )
}
if (!/^[a-z]+(-[a-z]+)*$/.test(command || '') || !existsSync(script)) {
  giveUp(
    'Usage: node scripts/run.mjs start|test|bench|chaos|cluster|dead-letters|clean|format [options]; each knows --help.',
  )
}
const env = cleanEnvironment()
const node = getTools()
installPackages()
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
function getTools() {
  const wanted = [pnpmPackage(), ...(runningMajor < 24 ? [nodePackage()] : [])]
  const missing = wanted.filter(tool => installedVersion(tool.name) !== tool.version)
  if (missing.length > 0) {
    // All of them: npm removes from the folder what it is not asked for.
    const names = wanted.map(({ name, version }) => `${name}@${version}`)
    step(`tools from npm: ${missing.map(tool => tool.says).join(', ')}`, () => npmInstall(names))
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

function installPackages() {
  const pnpm = join(tools, 'node_modules', pnpmPackage().name, windows ? 'pnpm.exe' : 'pnpm')
  step('packages with pnpm', () => run(pnpm, ['install', '--frozen-lockfile', '--reporter=append-only']))
}

function run(file, args, shell = false) {
  const result = spawnSync(file, args, { cwd: root, env, shell, encoding: 'utf8', maxBuffer: 1 << 26 })
  return {
    ok: result.status === 0,
    output: `${result.error || ''}${result.stdout || ''}${result.stderr || ''}`,
  }
}

/**
 * Shows a line while something runs and its seconds after, on standard error: what the command prints may be piped on.
 * A failure ends the whole with what was printed.
 */
function step(title, action) {
  const started = Date.now()
  process.stderr.write(`  ${title} …`)
  const { ok, output } = action()
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  process.stderr.write(ok ? ` ${seconds} s\n` : ' failed\n')
  if (ok) return
  const end = output.trim().split('\n').slice(-8).join('\n  ')
  giveUp(`Could not get the ${title}. The first start needs the network; is it there?\n  ${end}`)
}

/** Runs the command and ends as it ends. Signals are passed on; who gets Ctrl-C from terminal, npm and us counts it once. */
function handOver() {
  const child = spawn(node, [script, ...options], { cwd: root, env, stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.once('error', error => giveUp(`${node} does not run: ${error.message}`))
  child.once('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code))
}

function giveUp(sentence) {
  console.error(sentence)
  process.exit(1)
}
