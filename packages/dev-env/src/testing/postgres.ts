import { spawnSync } from 'node:child_process'
import { chownSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../ports.ts'
import { findTool } from '../tools/find.ts'
import { startServer, type TestServer } from './server.ts'

/** Debian's number of `nobody`, whom everybody has. */
const nobody = 65_534

/** Starts PostgreSQL on a free port. It knows one user, who needs no password. */
export function startPostgres(): Promise<TestServer> {
  const isRoot = process.getuid?.() === 0
  // It refuses to be root, and nobody may look into root's folders.
  const asNobody = isRoot ? ['setpriv', '--reuid', 'nobody', '--regid', String(nobody), '--clear-groups'] : []
  return startServer(
    'postgres',
    async dataDir => {
      const port = await freePort()
      if (isRoot) chownSync(dataDir, nobody, nobody)
      const data = join(dataDir, 'data')
      const command = (name: string, ...more: string[]) => {
        const [command = '', ...args] = [...asNobody, toolOf(name), ...more]
        return { command, args, cwd: dataDir }
      }
      const initdb = command(
        'initdb',
        '-D',
        data,
        '-U',
        'postgres',
        '-A',
        'trust',
        '-E',
        'UTF8',
        '--locale',
        'C',
      )
      const { status, stderr } = spawnSync(initdb.command, initdb.args, { cwd: dataDir, encoding: 'utf8' })
      if (status !== 0) throw new Error(`initdb failed:\n${stderr}`)
      const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=']
      return {
        name: 'postgres',
        command: command(
          'postgres',
          '-D',
          data,
          '-p',
          String(port),
          ...settings.flatMap(each => ['-c', each]),
        ),
        url: `postgres://postgres@127.0.0.1:${port}/postgres`,
        // While it recovers it answers, and lets nobody in.
        answers: async () =>
          spawnSync(toolOf('pg_isready'), ['-h', '127.0.0.1', '-p', String(port)]).status === 0,
      }
    },
    tmpdir(),
  )
}

const toolOf = (name: string) => findTool(name) ?? name
