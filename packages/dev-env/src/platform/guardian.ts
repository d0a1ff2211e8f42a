import { type ChildProcess, spawn } from 'node:child_process'
import type { Child } from '../child.ts'

export interface Guardian {
  watch: <Watched extends Pick<Child, 'pid' | 'exited'>>(child: Watched) => Watched
  /** Ends the guardian. */
  dismiss: () => void
}

/**
 * Each line that it reads is the list of all groups to be watched. When the pipe closes, it ends them: TERM, and KILL to what
 * is there after $0 seconds. CONT, as a process that was stopped hears TERM only when it goes on.
 */
const guard = `
while read -r line; do groups=$line; done
for group in $groups; do kill -s TERM -- "-$group"; kill -s CONT -- "-$group"; done
tries=$(($0 * 10))
while [ $tries -gt 0 ]; do
  left=
  for group in $groups; do kill -s 0 -- "-$group" && left=1; done
  [ "$left" ] || exit
  tries=$((tries - 1))
  sleep 0.1
done
for group in $groups; do kill -s KILL -- "-$group"; done`

/**
 * Sees to it that no process outlives a platform whose own process was killed with -9: a shell waits for the end of a pipe
 * that closes with us. It needs no file, which may be gone by then. Not on Windows.
 */
export function startGuardian(patienceSeconds = 10): Guardian {
  const pids = new Set<number>()
  let shell: ChildProcess | undefined
  let dismissed = false
  const save = () => shell?.stdin?.write(`${[...pids].join(' ')}\n`)
  const start = () => {
    if (dismissed || process.platform === 'win32') return
    shell = spawn('sh', ['-c', guard, String(patienceSeconds)], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    shell.stdin?.on('error', () => {}) // it was killed
    shell.once('error', () => {})
    shell.once('exit', start)
    shell.unref()
    save()
  }
  start()
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
    dismiss: () => {
      dismissed = true
      shell?.stdin?.end()
    },
  }
}
