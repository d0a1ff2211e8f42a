import { type ReloadedFile, reloadedFile } from 'kafka-restaurants-config-file'
import { ConfigError, type Logger, readText } from 'kafka-restaurants-service'
import { type AllLimits, readLimits, usualLimits } from '../limits.ts'

/**
 * The limits from a file, or the usual ones where there is none. A faulty file at the start is an error; a later one keeps
 * the old limits and is logged.
 * @throws ConfigError that names the file, and line and field of each fault
 */
export function limitsFile(
  path: string | undefined,
  log: Logger,
  { everyMs = 1_000, onChange }: { everyMs?: number; onChange: () => void },
): ReloadedFile<AllLimits> {
  if (path === undefined) return { current: () => usualLimits, watch: () => {}, close: () => {} }
  return reloadedFile(path, load, {
    everyMs,
    onReload: result => {
      if ('error' in result)
        return log.error({ err: result.error }, 'the changed limits can not be used: the old ones stay')
      log.info({ path }, 'limits reloaded')
      onChange()
    },
  })
}

function load(path: string): AllLimits {
  try {
    return readLimits(readText(path))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigError(`LIMITS_FILE ${path} can't be used:\n${why}`, { cause })
  }
}
