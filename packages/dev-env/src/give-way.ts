import { writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'

/** A twentieth of the CPU that another process gets where both want all of it: it goes on in any case. */
const nice = 13
/** Linux takes one change from all of a user in 100 ms. */
const retryMs = 150
const tries = 20

/**
 * Has a process, which leads a session of its own, give way to others where there is not enough CPU. Linux weighs whole
 * sessions against each other, and a process only within its own (sched(7), "The autogroup feature"), so both are set.
 * Where neither can be, it goes on as others do.
 */
export async function giveWay(pid: number): Promise<void> {
  try {
    setPriority(pid, nice)
  } catch {
    return // it is gone
  }
  for (let attempt = 1; attempt <= tries; attempt++) {
    try {
      return writeFileSync(`/proc/${pid}/autogroup`, String(nice))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return
    }
    await new Promise(resolve => setTimeout(resolve, retryMs).unref())
  }
}
