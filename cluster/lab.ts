import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Command } from 'kafka-restaurants-dev-env/child'
import { root } from 'kafka-restaurants-dev-env/paths'
import { Trouble, UsageError } from 'kafka-restaurants-service/command'

const whatItIs = 'a folder with scripts that build and start a Docker engine and a Kubernetes cluster'

/**
 * Where the lab is: `LAB`, or `shared/lab` beside the project or beside a folder that it lies in.
 * @throws Trouble where there is none
 */
export function findLab(env = process.env, project = root): string {
  if (env.LAB) {
    const lab = resolve(env.LAB)
    if (isLab(lab)) return lab
    throw new UsageError(`LAB is ${lab}, and there is no k8s/build.sh in it. It should be ${whatItIs}.`)
  }
  for (let folder = project; folder !== dirname(folder); folder = dirname(folder)) {
    const lab = join(folder, 'shared/lab')
    if (isLab(lab)) return lab
  }
  throw new Trouble(
    `There is no shared/lab beside ${project} or above it: ${whatItIs}. Say where it is with LAB=FOLDER.`,
  )
}

const isLab = (folder: string) => existsSync(join(folder, 'k8s/build.sh'))

/** A command with the lab's tools on the PATH, its cluster as kubectl's and its engine as docker's. */
export const inLab = (lab: string, command: string, args: string[]): Command => ({
  command: 'bash',
  args: ['-c', '. "$0/k8s/env.sh" && . "$0/docker/env.sh" && exec "$@"', lab, command, ...args],
  cwd: root,
})

/** Runs a command to its end. @returns what it printed, trimmed @throws Trouble with what it complained of */
export type Run = (command: string, args: string[], input?: string) => Promise<string>

/** Runs commands in the lab; a signal ends the one that runs. */
export const runnerIn =
  (lab: string, signal: AbortSignal): Run =>
  async (name, words, input) => {
    const { command, args, cwd } = inLab(lab, name, words)
    const running = promisify(execFile)(command, args, { cwd, signal, maxBuffer: 1 << 26 })
    running.child.stdin?.end(input)
    try {
      return (await running).stdout.trim()
    } catch (error) {
      signal.throwIfAborted()
      const { stdout, stderr } = error as { stdout?: string; stderr?: string }
      throw new Trouble([`${name} ${words.join(' ')}`, stdout, stderr].filter(Boolean).join('\n'))
    }
  }
