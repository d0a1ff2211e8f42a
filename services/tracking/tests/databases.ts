import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { startPostgres } from 'kafka-restaurants-dev-env/testing/postgres'
import type { TestServer } from 'kafka-restaurants-dev-env/testing/server'
import { Client } from 'pg'
import { databaseFile } from './tracking.ts'

/** Runs a statement as whoever owns the server. */
async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client(url)
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

/** A server of PostgreSQL; `database` makes one that no other test has, and gives its URL. */
export async function postgres(): Promise<TestServer & { database: () => Promise<string> }> {
  const server = await startPostgres()
  return {
    ...server,
    database: async () => {
      const name = `tracking_${randomUUID().replaceAll('-', '')}`
      await query(server.url, `create database ${name}`)
      return server.url.replace(/postgres$/, name)
    },
  }
}

/** Makes a database of each kind: what names it to tracking, and how to empty it. */
export const databasesOn = (server: () => Awaited<ReturnType<typeof postgres>>) => ({
  embedded: async () => {
    const file = databaseFile()
    return { env: { DATABASE_FILE: file }, empty: async () => rmSync(file) }
  },
  PostgreSQL: async () => {
    const url = await server().database()
    return {
      env: { DATABASE_URL: url },
      empty: async () => void (await query(url, 'truncate orders, changes, positions')),
    }
  },
})
