// node docker/bundle.ts NAME FOLDER: each *main.ts of services/NAME as one .mjs with all that it needs, for Node alone.
// Node strips no types under node_modules, so that the packages of the workspace can't be shipped as they are.
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join, parse, resolve } from 'node:path'
import { build } from 'rolldown'

const [what, dir] = process.argv.slice(2)
if (!what || !dir) {
  console.error('usage: node docker/bundle.ts NAME FOLDER')
  process.exit(2)
}
const root = resolve(import.meta.dirname, '..')

const { output } = await build({
  input: mainsOf(what),
  platform: 'node',
  output: {
    dir,
    format: 'esm',
    entryFileNames: '[name].mjs',
    chunkFileNames: 'shared-[hash].mjs',
    sourcemap: true,
  },
})

// What scanners know the packages in an image by.
const modules = output.flatMap(part => (part.type === 'chunk' ? part.moduleIds : []))
const packages = modules.map(file => /^.*\/node_modules\/(@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0] ?? [])
for (const folder of new Set(packages.flat())) {
  const file = join(folder, 'package.json')
  const { name, version } = JSON.parse(readFileSync(file, 'utf8'))
  cpSync(file, join(dir, 'node_modules', `${name}@${version}`, 'package.json'))
}

function mainsOf(service: string): Record<string, string> {
  const source = join(root, 'services', service, 'src')
  const mains = readdirSync(source).filter(file => /(^|\.)main\.ts$/.test(file))
  return Object.fromEntries(mains.map(file => [parse(file).name, join(source, file)]))
}
