import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findTool } from './find.ts'
import type { Exec } from './step.ts'

const script = join(import.meta.dirname, 'apt-install.sh')

/** On Debian, and what is made from it. */
export const hasApt = () => findTool('apt-get') !== undefined

/** The words before a command that let us install packages; nothing where we may not, or would be asked for a password. */
export function asRoot(): string[] | undefined {
  if (!hasApt()) return undefined
  if (process.getuid?.() === 0) return []
  // Once, as it is logged.
  sudoAsksNothing ??= spawnSync('sudo', ['-n', 'true']).status === 0
  return sudoAsksNothing ? ['sudo', '-n'] : undefined
}

let sudoAsksNothing: boolean | undefined

/** The number n in the version 1.n of a package that apt would install, or nothing. */
export function aptMinor(name: string): number | undefined {
  const { stdout } = spawnSync('apt-cache', ['policy', name], { encoding: 'utf8' })
  const minor = /Candidate: (?:\d+:)?1\.(\d+)/.exec(stdout ?? '')?.[1]
  return minor === undefined ? undefined : Number(minor)
}

/** Where Debian has newer packages for a release. */
export const backports = () => `${/^VERSION_CODENAME=(.*)$/m.exec(osRelease())?.[1] ?? 'stable'}-backports`

/** Ubuntu's package of Chromium is none: it wants snap. */
export const isDebian = () => /^ID=debian$/m.test(osRelease())

function osRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8')
  } catch {
    return ''
  }
}

/** Installs a package; a server is not started. Cut off, it would leave dpkg in need of repair. */
export async function aptInstall(name: string, exec: Exec): Promise<void> {
  const [command = 'sh', ...args] = [...(asRoot() ?? []), 'sh', script, name]
  await exec(command, args, { mayNotBeCut: true })
}
