import { Trouble } from 'kafka-restaurants-service/command'

/** What was to be seen, and what was. */
export interface Checks {
  /** Does something and notes what came of it: a short text, or a failure. */
  see: (what: string, work: () => Promise<string>) => Promise<void>
  /** The same for what all the rest stands on. @throws Trouble when it fails */
  need: (what: string, work: () => Promise<string>) => Promise<void>
  table: () => string
  failures: () => number
}

export function createChecks(say: (line: string) => void, signal: AbortSignal): Checks {
  const rows: { what: string; seconds: string; came: string; failed: boolean }[] = []

  const note = async (what: string, work: () => Promise<string>) => {
    signal.throwIfAborted()
    say(`${what} …`)
    const startedAt = Date.now()
    const outcome = await work().then(
      came => ({ came, failed: false }),
      (error: unknown) => ({ came: error instanceof Error ? error.message : String(error), failed: true }),
    )
    signal.throwIfAborted()
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1)
    rows.push({ what, seconds, ...outcome })
    say(`${outcome.failed ? '✗' : '✓'} ${outcome.came} (${seconds} s)\n`)
    return outcome
  }
  return {
    see: async (what, work) => void (await note(what, work)),
    need: async (what, work) => {
      const { came, failed } = await note(what, work)
      if (failed) throw new Trouble(`${what}: ${came}`)
    },
    table: () => {
      const widest = Math.max(...rows.map(({ what }) => what.length))
      return rows
        .map(({ what, seconds, came, failed }) => {
          const [first = ''] = came.split('\n')
          return `${failed ? '✗' : '✓'} ${what.padEnd(widest)} ${seconds.padStart(7)} s  ${first}`
        })
        .join('\n')
    },
    failures: () => rows.filter(({ failed }) => failed).length,
  }
}
