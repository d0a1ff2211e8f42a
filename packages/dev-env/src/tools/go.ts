import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { goDir, incompleteDir } from './find.ts'
import { kubernetesMinor } from './kubernetes.ts'
import type { Exec } from './step.ts'

/** What a tool is built from: a package, the folder here whose go.mod and go.sum pin it, and tags that leave parts out. */
const sources: Record<string, { from: string; folder: string; tags?: string }> = {
  helm: { from: 'helm.sh/helm/v3/cmd/helm', folder: 'go' },
  ct: { from: 'github.com/helm/chart-testing/v3/ct', folder: 'go' },
  kubeconform: { from: 'github.com/yannh/kubeconform/cmd/kubeconform', folder: 'go' },
  kustomize: { from: 'sigs.k8s.io/kustomize/kustomize/v5', folder: 'go' },
  'nats-server': { from: 'github.com/nats-io/nats-server/v2', folder: 'go' },
  // It needs packages that newer releases of Kubernetes' modules lack.
  'kube-score': { from: 'github.com/zegl/kube-score/cmd/kube-score', folder: 'go-kube-score' },
  // Its releases need the newest Go, and this one, whose line is kept for a year, not yet.
  'victoria-metrics': {
    from: 'github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-metrics',
    folder: 'go-victoria-metrics',
  },
  // The tag leaves out the clients of every cloud, by which Prometheus finds what to scrape: rules need none.
  promtool: {
    from: 'github.com/prometheus/prometheus/cmd/promtool',
    folder: 'go-promtool',
    tags: 'remove_all_sd',
  },
}

/** The Kubernetes that Helm takes for granted while it asks no cluster. Its sources say 1.20, its releases a newer one. */
const helmKubernetes = ['lint/rules', 'chartutil'].flatMap(path =>
  [`Major=1`, `Minor=${kubernetesMinor}`].map(is => `-X helm.sh/helm/v3/pkg/${path}.k8sVersion${is}`),
)

/** Go 1.21 is the first that gets, when it may, the newer Go that a go.mod asks for. */
export const oldestGo = 21

export function goIsHere(): boolean {
  const env = { ...process.env, GOTOOLCHAIN: 'local' }
  const { stdout } = spawnSync('go', ['version'], { encoding: 'utf8', env })
  return Number(/ go1\.(\d+)/.exec(stdout ?? '')?.[1]) >= oldestGo
}

/** The machine's own settings hold. Where it has none, Go may get the Go that it needs. */
export const goEnv = (env = process.env) => ({
  ...env,
  GOTOOLCHAIN: env.GOTOOLCHAIN || 'auto',
  CGO_ENABLED: '0',
  GOWORK: 'off',
})

/** Builds a tool with Go, as its go.sum pins it. It appears under its name only when it is whole. */
export async function buildWithGo(name: string, exec: Exec): Promise<void> {
  const source = sources[name]
  if (!source) throw new Error(`nobody knows what ${name} is built from`)
  mkdirSync(goDir, { recursive: true })
  const folder = mkdtempSync(`${incompleteDir}-`)
  try {
    const flags = [
      '-mod=readonly',
      '-buildvcs=false',
      '-trimpath',
      ...(source.tags ? ['-tags', source.tags] : []),
      '-ldflags',
      ['-s -w', ...helmKubernetes].join(' '),
    ]
    await exec('go', ['build', '-v', ...flags, '-o', join(folder, name), source.from], {
      cwd: join(import.meta.dirname, source.folder),
      env: goEnv(),
    })
    renameSync(join(folder, name), join(goDir, name))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
