import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { Trouble } from 'kafka-restaurants-service/command'
import { parseAllDocuments } from 'yaml'
import { incompleteDir, schemasDir } from './find.ts'
import { goEnv } from './go.ts'
import { ofCrd, ofKubernetes, type Schema } from './json-schemas.ts'
import { kubernetesVersion } from './kubernetes.ts'
import { findJava21 } from './python.ts'
import type { Exec } from './step.ts'

/** Go modules that bring schemas: their checksums as in a go.sum, and the files in them. */
const kubernetes = {
  module: `k8s.io/kubernetes@v${kubernetesVersion}`,
  sum: 'h1:Yy6R4QB8C9kJPp25GFqEvX5XQwY5qzKeqD0Xx6oAcmk=',
  files: 'api/openapi-spec/swagger.json',
}
const crds = [
  {
    module: 'github.com/argoproj/argo-cd/v3@v3.5.7',
    sum: 'h1:Xm1BF+I5OgDKUG3SDK49vn2/Y5AMyaNVko+/JT08gj0=',
    files: 'manifests/crds/*-crd.yaml',
  },
  {
    module: 'github.com/kedacore/keda/v2@v2.21.0',
    sum: 'h1:R6z2HZvstK4RLUMxroNACzBj74xGxt3kG59b5Xc+Xps=',
    files: 'config/crd/bases/*.yaml',
  },
  {
    module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    sum: 'h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=',
    files: 'example/prometheus-operator-crd/*.yaml',
  },
  {
    module: 'sigs.k8s.io/gateway-api@v1.6.3',
    sum: 'h1:lKpJa5bGlraC/QeACvCpsHLdmO6y0iKfzVl6gzaFEYc=',
    files: 'config/crd/standard/*.yaml',
  },
]

/** Those of Strimzi's resources that are ours, by the class in `api` that the CRD is generated from. */
const strimziClasses = ['kafka.Kafka', 'nodepool.KafkaNodePool', 'topic.KafkaTopic', 'user.KafkaUser']
const strimziJars: Record<string, string> = {
  'api-1.2.0.jar': '566961ae5e5646a001ae91312beda5cba3a5d467e740e205e1b761754335fe4e',
  'crd-generator-1.2.0.jar': '76bb2430e702a1e6a24c071d26c865d5e9572cbc630d176d3b912033ae23ed00',
}

/** Where kubeconform finds them, as its arguments. */
export const schemaLocations = [
  join(
    schemasDir,
    '{{ .NormalizedKubernetesVersion }}{{ .StrictSuffix }}/{{ .ResourceKind }}{{ .KindSuffix }}.json',
  ),
  join(schemasDir, 'crds/{{ .Group }}/{{ .ResourceKind }}_{{ .ResourceAPIVersion }}.json'),
].flatMap(location => ['-schema-location', location])

/**
 * Makes the JSON schemas of Kubernetes and of all custom resources that the project writes, from Go modules and Maven
 * artifacts. The folder appears only when it is whole.
 * @throws Trouble
 */
export async function makeSchemas(exec: Exec): Promise<void> {
  const incomplete = mkdtempSync(`${incompleteDir}-`)
  try {
    await exec('go', ['mod', 'download', ...[kubernetes, ...crds].map(({ module }) => module)], {
      env: goEnv(),
    })
    const [swagger = ''] = filesOf(kubernetes)
    const folder = join(incomplete, `v${kubernetesVersion}-strict`)
    write(folder, ofKubernetes(JSON.parse(readFileSync(swagger, 'utf8'))))
    // YAML 1.1, as Kubernetes reads it, makes of a bare = in an enum something else than a text.
    for (const file of [...crds.flatMap(filesOf), ...(await strimziCrds(exec, incomplete))])
      for (const document of parseAllDocuments(readFileSync(file, 'utf8')))
        write(join(incomplete, 'crds'), ofCrd(document.toJSON() ?? {}))
    rmSync(jarsIn(incomplete), { recursive: true })
    renameSync(incomplete, schemasDir)
  } finally {
    rmSync(incomplete, { recursive: true, force: true })
  }
}

function write(folder: string, schemas: Map<string, Schema>): void {
  for (const [name, schema] of schemas) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), JSON.stringify(schema))
  }
}

/** @throws Trouble when the module is another one than was pinned */
function filesOf({ module, sum, files }: typeof kubernetes): string[] {
  const { stdout, stderr } = spawnSync('go', ['mod', 'download', '-json', module], {
    encoding: 'utf8',
    env: goEnv(),
  })
  if (!stdout) throw new Trouble(`go mod download ${module}\n${stderr}`)
  const { Dir, Sum } = JSON.parse(stdout) as { Dir: string; Sum: string }
  if (Sum !== sum) throw new Trouble(`The checksum of ${module} is ${Sum}, and should be ${sum}`)
  const found = globSync(files, { cwd: Dir }).map(file => join(Dir, file))
  if (found.length === 0) throw new Trouble(`There is no ${files} in ${module}`)
  return found
}

const jarsIn = (folder: string) => join(folder, 'jars')

/** Strimzi publishes no CRDs but in its releases: its own generator makes them. */
async function strimziCrds(exec: Exec, folder: string): Promise<string[]> {
  const jars = jarsIn(folder)
  const pom = join(import.meta.dirname, 'strimzi/pom.xml')
  const copy = ['dependency:copy-dependencies', '-DexcludeTransitive=true', `-DoutputDirectory=${jars}`]
  await exec('mvn', ['-B', '-C', '-f', pom, ...copy])
  for (const [jar, sum] of Object.entries(strimziJars)) {
    const found = createHash('sha256')
      .update(readFileSync(join(jars, jar)))
      .digest('hex')
    if (found !== sum) throw new Trouble(`The SHA-256 of ${jar} is ${found}, and should be ${sum}`)
  }
  const made = strimziClasses.map(name => `io.strimzi.api.kafka.model.${name}=${join(jars, `${name}.yaml`)}`)
  const words = ['--target-kube', '1.16+', '--crd-api-version', 'v1', '--api-versions', 'v1']
  const classpath = Object.keys(strimziJars)
    .map(jar => join(jars, jar))
    .join(process.platform === 'win32' ? ';' : ':')
  const generator = ['-cp', classpath, 'io.strimzi.crdgenerator.CrdGenerator']
  await exec(await findJava21(exec), [...generator, ...words, '--storage-version', 'v1', '--yaml', ...made])
  return readdirSync(jars)
    .filter(name => name.endsWith('.yaml'))
    .map(name => join(jars, name))
}
