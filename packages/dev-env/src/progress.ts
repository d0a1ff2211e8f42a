import ora from 'ora'

/** How a start is shown. */
export interface Progress {
  say: (line: string) => void
  /** A step begins. Call what comes back when it is done. */
  begin: (what: string) => () => void
  /** Nothing is under way any more, done or not. */
  end: () => void
}

/**
 * On a terminal, a line for each step that is done, and below them one that moves, with what is under way and for how
 * long; elsewhere, and in CI, a line when a step begins and one when it is done.
 */
export function showProgress(stream: NodeJS.WriteStream = process.stdout): Progress {
  const running = new Map<string, number>()
  const spinner = ora({
    stream,
    indent: 2,
    ...(!stream.columns && { isEnabled: false }), // ora never comes back on a terminal that is 0 wide
    discardStdin: false, // or else Ctrl-C is ours alone, and not npm's
    suffixText: () => [...running].map(([what, since]) => `${what} ${secondsSince(since)} s`).join(' · '),
  })
  const moves = spinner.isEnabled
  const say = (line: string) => {
    if (moves) spinner.clear()
    stream.write(`  ${line}\n`)
  }
  const end = () => {
    running.clear()
    if (moves) spinner.stop()
  }
  return {
    say,
    begin: what => {
      const startedAt = Date.now()
      running.set(what, startedAt)
      if (moves) spinner.start()
      else say(`${what} …`)
      return () => {
        if (!running.delete(what)) return // after the end
        say(`✓ ${what.padEnd(14)} ${secondsSince(startedAt).padStart(5)} s`)
        if (running.size === 0) end()
      }
    },
    end,
  }
}

const secondsSince = (startedAt: number) => ((Date.now() - startedAt) / 1000).toFixed(1)
