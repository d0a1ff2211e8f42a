import { createHash } from 'node:crypto'
import { accessSync, constants, globSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { toolsDir } from '../paths.ts'

const pins = (...folders: string[]) =>
  folders.flatMap(folder => readdirSync(join(import.meta.dirname, folder)).map(file => join(folder, file)))

/** Binaries that were built with Go. Like each folder here, it has another name when something else is pinned. */
export const goDir = resolve(
  toolsDir,
  `go-${digest(...pins('go', 'go-kube-score', 'go-victoria-metrics', 'go-promtool'), 'kubernetes.ts')}`,
)
export const pythonDir = resolve(toolsDir, `python-${digest(...pins('python'))}`)
export const schemasDir = resolve(
  toolsDir,
  `schemas-${digest(...pins('strimzi'), 'schemas.ts', 'json-schemas.ts', 'kubernetes.ts')}`,
)

/** What is not yet whole; folders of that name, with more behind it, are removed before the next is got. */
export const incompleteDir = resolve(toolsDir, 'incomplete')

/** Short, and another one as soon as one of the files is changed. */
function digest(...files: string[]): string {
  const hash = createHash('sha256')
  for (const file of files) hash.update(readFileSync(join(import.meta.dirname, file)))
  return hash.digest('hex').slice(0, 12)
}

/** Debian's folders of PostgreSQL, one a version. */
const postgresDirs = globSync('/usr/lib/postgresql/*/bin').toSorted().toReversed()

/** What `npm test` got, as it was not on the PATH or not as needed; the PATH; and the folders of servers, which few have on it. */
export const searchPath = (env = process.env) =>
  [goDir, join(pythonDir, 'bin'), env.PATH, '/usr/local/sbin', '/usr/sbin', '/sbin', ...postgresDirs]
    .filter(Boolean)
    .join(delimiter)

/** @returns where a program of that name is, on the PATH or in what `npm test` got */
export function findTool(name: string, env = process.env): string | undefined {
  const places = searchPath(env).split(delimiter)
  return places.map(folder => join(folder, name)).find(isProgram)
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
