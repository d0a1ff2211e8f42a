import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Command } from '../child.ts'
import { root } from '../paths.ts'
import { Trouble } from '../trouble.ts'

const whatItIs =
  'a folder with helm, ct, kubeconform, kube-score and a Kubernetes cluster, or scripts that build them'

/**
 * Where the lab is: `LAB`, or `shared/lab` beside the project or beside a folder that it lies in.
 * @throws Trouble where there is none
 */
export function findLab(env = process.env, project = root): string {
  if (env.LAB) {
    const lab = resolve(env.LAB)
    if (isLab(lab)) return lab
    throw new Trouble(`LAB is ${lab}, and there is no k8s/build.sh in it. It should be ${whatItIs}.`)
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

/** A command with the lab's tools on the PATH, and with its cluster as kubectl's. */
export const inLab = (lab: string, command: string, args: string[]): Command => ({
  command: 'bash',
  args: ['-c', '. "$0/k8s/env.sh" && exec "$@"', lab, command, ...args],
  cwd: root,
})
