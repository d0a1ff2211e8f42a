import { resolve } from 'node:path'
import { topicSpecs } from 'kafka-restaurants-contracts'
import { root } from 'kafka-restaurants-dev-env/paths'
import { stringify } from 'yaml'

export const chartTopics = resolve(root, 'helm/files/topics.json')
export const clusterTopics = resolve(root, 'kafka-cluster/base/topics.yaml')

/** The topics as the chart's KafkaTopics are made of them: names and settings. */
export const chartTopicsText = () =>
  `${JSON.stringify(
    topicSpecs().map(({ name, config }) => ({ name, config })),
    null,
    2,
  )}\n`

/** The topics as Strimzi's resources. */
export function clusterTopicsText(): string {
  const resources = topicSpecs().map(({ name, partitions, config }) => ({
    apiVersion: 'kafka.strimzi.io/v1',
    kind: 'KafkaTopic',
    metadata: {
      name: name.replaceAll('_', '-'), // Kubernetes takes no underscores
      labels: { 'strimzi.io/cluster': 'my-cluster' },
      annotations: {
        'argocd.argoproj.io/sync-options': 'Prune=false',
        'helm.sh/resource-policy': 'keep',
      },
    },
    spec: { topicName: name, partitions, config },
  }))
  const about = [
    '# Made by `npm run format` from packages/contracts/src/topics.ts. Without its KafkaTopic, a topic is deleted with all of',
    '# its records: neither Argo CD nor a Helm release that takes it over (--take-ownership) may take one away.',
  ]
  return [...about, ...resources.map(resource => `---\n${stringify(resource).trimEnd()}`), ''].join('\n')
}
