import { unwatchFile, watchFile } from 'node:fs'

export interface ReloadedFile<Content> {
  current: () => Content
  /** Looks for changes by polling: a ConfigMap volume swaps a symlink, which file events miss. */
  watch: () => void
  close: () => void
}

/**
 * What a file holds, read again when it changes. What `read` throws at first is thrown; later the old content stays.
 * @param readAgain reads it later, where that should take its time; one change after the other
 * @param onReload told of a new content, or why there is none
 */
export function reloadedFile<Content>(
  path: string,
  read: (path: string) => Content,
  {
    everyMs = 1_000,
    readAgain = async path => read(path),
    onReload,
  }: {
    everyMs?: number
    readAgain?: (path: string) => Promise<Content>
    onReload: (result: { content: Content } | { error: unknown }) => void
  },
): ReloadedFile<Content> {
  let content = read(path)
  const lookOnce = async () => {
    try {
      content = await readAgain(path)
    } catch (error) {
      return onReload({ error })
    }
    onReload({ content })
  }
  let looking = Promise.resolve()
  const look = () => {
    looking = looking.then(lookOnce)
  }
  return {
    current: () => content,
    watch: () => void watchFile(path, { interval: everyMs }, look),
    close: () => unwatchFile(path, look),
  }
}
