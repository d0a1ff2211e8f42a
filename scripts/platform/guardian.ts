import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import type { Child } from '../child.ts'

export interface Guardian {
  watch: <Watched extends Pick<Child, 'pid' | 'exited'>>(child: Watched) => Watched
  /** Ends the guardian. */
  dismiss: () => void
}

/**
 * Sees to it that no process outlives a platform whose own process was killed with -9: a shell waits for the end of a pipe
 * that closes with us, and then ends all groups listed in `listFile`. Not on Windows.
 */
export function startGuardian(listFile: string): Guardian {
  const pids = new Set<number>()
  const save = () => writeFileSync(listFile, [...pids].map(pid => `${pid}\n`).join(''))
  save()
  // CONT, as a process that was stopped hears TERM only when it goes on.
  const endAll =
    'cat >/dev/null; while read -r pid; do kill -s TERM -- "-$pid"; kill -s CONT -- "-$pid"; done <"$0" 2>/dev/null'
  const shell =
    process.platform === 'win32'
      ? undefined
      : spawn('sh', ['-c', endAll, listFile], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  shell?.unref()
  return {
    watch: child => {
      if (child.pid === 0) return child
      pids.add(child.pid)
      save()
      void child.exited.then(() => {
        pids.delete(child.pid)
        save()
      })
      return child
    },
    dismiss: () => shell?.stdin.end(),
  }
}
