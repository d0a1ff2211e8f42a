import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { root } from 'kafka-restaurants-dev-env/paths'
import { Trouble } from 'kafka-restaurants-service/command'
import { parseAllDocuments } from 'yaml'

const folder = 'docs/runbooks'

interface Container {
  name: string
  ports?: { containerPort: number }[]
}
interface Resource {
  kind: string
  metadata: { name: string; labels?: Record<string, string> }
  spec: { template: { spec: { containers: Container[]; initContainers?: Container[] } } }
}

/**
 * Sees that the deployments, containers, ports and components of which the runbooks' commands speak are the chart's.
 * @param resources the chart's, with all that it can have, be it in several ways
 * @throws Trouble with each that is not
 */
export function seeRunbooks(resources: string): string {
  const all: Resource[] = parseAllDocuments(resources).flatMap(document => document.toJSON() ?? [])
  const deployments = new Map<string, Container[]>()
  for (const { kind, metadata, spec } of all) {
    if (kind !== 'Deployment') continue
    const { initContainers = [], containers } = spec.template.spec
    deployments.set(metadata.name, [
      ...(deployments.get(metadata.name) ?? []),
      ...initContainers,
      ...containers,
    ])
  }
  const components = new Set(all.map(({ metadata }) => metadata.labels?.['app.kubernetes.io/component']))
  const faults: string[] = []
  let count = 0
  const hold = (page: string, what: string, is: boolean | undefined) => {
    count++
    if (!is) faults.push(`${join(folder, page)}: ${what}`)
  }
  for (const page of readdirSync(resolve(root, folder))) {
    const text = readFileSync(resolve(root, folder, page), 'utf8')
    for (const [what, name = '', rest = ''] of text.matchAll(
      /\bdeployment[/ ](kafka-restaurants-[\w-]+)([^`\n]*)/g,
    )) {
      const containers = deployments.get(name)
      hold(page, what, containers !== undefined)
      const [, port] = /^ (\d{4,5})\b/.exec(rest) ?? []
      if (port)
        hold(
          page,
          what,
          containers?.some(({ ports }) => ports?.some(each => each.containerPort === Number(port))),
        )
      const [, container] = /^ -c (\S+)/.exec(rest) ?? []
      if (container)
        hold(
          page,
          what,
          containers?.some(each => each.name === container),
        )
    }
    for (const [what, component] of text.matchAll(/app\.kubernetes\.io\/component=([\w-]+)/g))
      hold(page, what, components.has(component))
  }
  if (count === 0) throw new Trouble('No command of the runbooks was found.')
  if (faults.length > 0) throw new Trouble(faults.join('\n'))
  return `${count} names and ports`
}
