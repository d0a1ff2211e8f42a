import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { root } from 'kafka-restaurants-dev-env/paths'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

const read = (file: string) => readFileSync(resolve(root, file), 'utf8')
const services = readdirSync(resolve(root, 'services'))
const { version } = JSON.parse(read('package.json'))
const dockerfiles = ['docker/service.Dockerfile', 'docker/web.Dockerfile'].map(read)

test('every service has an image', () => {
  const [, built = ''] = /matrix *= *\{ service = (\[.*\]) \}/.exec(read('docker-bake.hcl')) ?? []
  expect(JSON.parse(built)).toEqual(services.toSorted())
})

test('one version: of the project, the chart, and every image', () => {
  const tags = ['docker/compose.yaml', 'kafka-cluster/dead-letters.yaml'].flatMap(file => {
    const images = [...read(file).matchAll(/image: kafka-restaurants\/[a-z-]+:(.*)/g)]
    expect(images, file).not.toEqual([])
    return images.map(([, tag]) => tag)
  })
  const { version: chart, appVersion } = parse(read('helm/Chart.yaml'))
  const [, baked] = /"TAG" \{ default = "(.*)" \}/.exec(read('docker-bake.hcl')) ?? []
  const labels = dockerfiles.map(file => /ARG VERSION=(.*)/.exec(file)?.[1])
  expect(tags.length).toBeGreaterThan(4)
  expect(new Set([...tags, ...labels, chart, appVersion, baked])).toEqual(new Set([version]))
})

test('images are built with the pnpm of `npm start`, and install their packages once for all', () => {
  const [, pnpm] = /pnpmVersion = '(.*)'/.exec(read('scripts/run.mjs')) ?? []
  const [ofService, ofSite] = dockerfiles.map(file => /FROM .* AS packages\n[\s\S]*?\n\n/.exec(file)?.[0])
  expect(ofService).toContain(`pnpm@${pnpm}\n`)
  expect(ofSite).toBe(ofService)
})
