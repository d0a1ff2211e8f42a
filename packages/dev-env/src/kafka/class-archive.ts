import { createHash, randomUUID } from 'node:crypto'
import { existsSync, renameSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Child } from '../child.ts'
import type { Java } from './java.ts'

/**
 * A class archive lets a JVM start in less time. The first broker that ends in order leaves one in the cache, later ones
 * read it. It fits one Java and one folder of jars, hence its name; the JVM ignores one that does not fit.
 */
export interface ClassArchive {
  flags: string[]
  /** Keeps what the broker wrote at its end, if that was an orderly one. */
  keepFrom: (broker: Child) => void
}

export function classArchive(java: Java, libs: string): ClassArchive {
  const fits = createHash('sha256')
    .update(`${java.version} ${process.arch} ${libs}`)
    .digest('hex')
    .slice(0, 12)
  const archive = resolve(dirname(libs), `classes-${fits}.jsa`)
  if (existsSync(archive)) {
    return { flags: ['-Xshare:auto', `-XX:SharedArchiveFile=${archive}`], keepFrom: () => {} }
  }
  const written = `${archive}.${randomUUID()}`
  const keepFrom = async (broker: Child) => {
    const { code } = await broker.exited
    if (!existsSync(written)) return
    // 143 is how a JVM ends on SIGTERM after its own shutdown hooks.
    if (code === 143 || code === 0) renameSync(written, archive)
    else rmSync(written)
  }
  return { flags: [`-XX:ArchiveClassesAtExit=${written}`], keepFrom }
}
